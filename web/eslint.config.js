import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const texts = 'Texts that people read stand in src/strings/en, so that they can be translated.'

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/schema.gen.ts', 'shots'] },
  tseslint.configs.strict,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs['recommended-latest'].rules,
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/**/*.tsx'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXText[value=/[A-Za-z]{2}/]', message: texts },
        {
          selector: 'JSXAttribute[name.name=/^(label|title|placeholder|description|aria-label|alt|error)$/] > Literal[value=/[A-Za-z]{2}/]',
          message: texts,
        },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Stored text never becomes HTML.' },
      ],
    },
  },
)
