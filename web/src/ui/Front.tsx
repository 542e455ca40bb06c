import { Paper, Text, Title } from '@mantine/core'
import { Logo } from '@/app/Logo'
import classes from './Front.module.css'
import { useTitle } from './Page'

/** A page before the house: signing in, setting up. */
export function Front({ title, lead, children }: { title: string; lead?: string; children: React.ReactNode }) {
  useTitle(title)
  return (
    <main className={classes.root}>
      <div className={classes.column}>
        <Logo />
        <Paper withBorder p="xl" mt="lg" className={classes.card}>
          <Title order={1}>{title}</Title>
          {lead && (
            <Text c="dimmed" mt={4}>
              {lead}
            </Text>
          )}
          <div className={classes.body}>{children}</div>
        </Paper>
      </div>
    </main>
  )
}
