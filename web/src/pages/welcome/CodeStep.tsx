import { Button, Group, Loader, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconCircleCheck } from '@tabler/icons-react'
import type { App } from '@/api/client'
import { appPath } from '@/app/pages'
import { AppCode } from '@/code/AppCode'
import { t } from '@/strings'
import classes from './CodeStep.module.css'
import { firstSession } from './data'

const words = t.welcome

/** The code, and whether somebody has run it. */
export function CodeStep({ app, back }: { app: App; back: () => void }) {
  const { data: session } = useQuery(firstSession(app.id))
  return (
    <Stack>
      <div>
        <Title order={2}>{words.code.title}</Title>
        <Text c="dimmed" mt={4}>
          {words.code.text}
        </Text>
      </div>
      <AppCode app={app} />
      <div className={classes.wait} data-done={Boolean(session) || undefined} aria-live="polite">
        {session ? <IconCircleCheck size={26} aria-hidden /> : <Loader size={20} type="dots" aria-hidden />}
        <div className={classes.words}>
          <Text fw={600}>{session ? words.wait.done : words.wait.title}</Text>
          <Text size="sm" c="dimmed">
            {session ? words.wait.doneText(session.username) : words.wait.text}
          </Text>
        </div>
        <Group gap="xs">
          {!session && (
            <Button variant="subtle" onClick={back}>
              {t.welcome.back}
            </Button>
          )}
          <Button component={Link} to={appPath(app.id, 'licenses')} variant={session ? 'filled' : 'default'}>
            {session ? words.wait.finish : words.wait.later}
          </Button>
        </Group>
      </div>
    </Stack>
  )
}
