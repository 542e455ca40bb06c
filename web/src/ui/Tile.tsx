import { Paper, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import classes from './Tile.module.css'

interface Props {
  label: string
  value: React.ReactNode
  note?: string
  tone?: 'bad'
  /** A page of this dashboard that shows more. */
  to?: string
}

/** One number and what it counts. */
export function Tile({ label, value, note, tone, to }: Props) {
  const body = (
    <>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <div className={classes.value} data-tone={tone}>
        {value}
      </div>
      <Text size="xs" c="dimmed" mih={18}>
        {note}
      </Text>
    </>
  )
  if (!to) {
    return (
      <Paper withBorder p="md">
        {body}
      </Paper>
    )
  }
  return (
    <Paper withBorder p="md" component={Link} to={to} className={classes.link}>
      {body}
    </Paper>
  )
}
