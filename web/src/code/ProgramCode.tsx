import { Code, Group, Tabs, Text } from '@mantine/core'
import { useState } from 'react'
import { t } from '@/strings'
import { CopyButton } from '@/ui/Copy'
import { languages } from './languages'
import classes from './ProgramCode.module.css'
import type { Values } from './values'

const key = 'latchkey.language'

function remembered(): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

/** A program that signs in, in the language of one's choice, filled in with an application's own values. */
export function ProgramCode({ values }: { values: Values }) {
  const [chosen, choose] = useState(() => languages.find((l) => l.id === remembered())?.id ?? languages[0]?.id ?? '')
  return (
    <Tabs
      value={chosen}
      onChange={(id) => {
        choose(id ?? '')
        try {
          localStorage.setItem(key, id ?? '')
        } catch {
          // Nothing is lost but a convenience.
        }
      }}
      keepMounted={false}
    >
      <Tabs.List aria-label={t.welcome.code.language} className={classes.tabs}>
        {languages.map((l) => (
          <Tabs.Tab key={l.id} value={l.id}>
            {l.name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {languages.map((l) => {
        const code = l.code(values)
        return (
          <Tabs.Panel key={l.id} value={l.id} pt="sm">
            <Group justify="space-between" mb="xs">
              <Text size="sm" c="dimmed">
                {l.needs && (
                  <>
                    {t.welcome.code.needs} <Code>{l.needs}</Code>
                  </>
                )}
              </Text>
              <CopyButton value={code} label={t.welcome.code.copy} />
            </Group>
            <pre className={classes.code} tabIndex={0} aria-label={l.name} data-testid="code">
              {code}
            </pre>
          </Tabs.Panel>
        )
      })}
    </Tabs>
  )
}
