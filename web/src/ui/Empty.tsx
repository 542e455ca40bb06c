import { Stack, Text, Title } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import classes from './Empty.module.css'

/** Says of an empty place what will be there, and how it gets there. */
export function Empty({ icon: Symbol, title, text, action }: { icon: Icon; title: string; text: string; action?: React.ReactNode }) {
  return (
    <Stack align="center" gap={6} py={72} px="md">
      <span className={classes.icon} aria-hidden>
        <Symbol size={24} stroke={1.6} />
      </span>
      <Title order={2} mt="xs">
        {title}
      </Title>
      <Text c="dimmed" ta="center" maw={440}>
        {text}
      </Text>
      {action && <div className={classes.action}>{action}</div>}
    </Stack>
  )
}
