import { type Language, shell } from './values'

export const curl: Language = {
  id: 'curl',
  name: 'curl',
  needs: '',
  code: ({ url, app, license }) => `# To see it work: a real program also checks the signature of each answer.
api=${shell(url + '/api/1.3/')}

session=$(curl -sS "$api" -d type=init \\
  --data-urlencode name=${shell(app.name)} \\
  -d ownerid=${shell(app.ownerId)} \\
  --data-urlencode ver=${shell(app.version)} |
  sed -n 's/.*"sessionid": *"\\([^"]*\\)".*/\\1/p')

curl -sS "$api" -d type=license -d sessionid="$session" \\
  --data-urlencode name=${shell(app.name)} \\
  -d ownerid=${shell(app.ownerId)} \\
  --data-urlencode key=${shell(license)} \\
  -d hwid=my-first-computer-0001
`,
}
