import { Select } from '@mantine/core'
import type { Subscription } from '@/api/client'
import { t } from '@/strings'

interface Props {
  subscriptions: Subscription[]
  value: number
  onChange: (level: number) => void
  error?: React.ReactNode
  label?: string
  /** '' for none. */
  hint?: string
}

/** Chooses a level by the subscriptions that it gives. */
export function LevelSelect({ subscriptions, value, onChange, error, label, hint }: Props) {
  const words = t.licenses
  const levels = [...new Set([...subscriptions.map((s) => s.level), value])].sort((a, b) => a - b)
  const names = (n: number) =>
    subscriptions
      .filter((s) => s.level === n)
      .map((s) => s.name)
      .join(', ')
  return (
    <Select
      label={label ?? words.create.level}
      description={hint ?? (names(value) || subscriptions.length === 0 ? words.create.levelHint : words.noSubscription)}
      data={levels.map((n) => ({ value: String(n), label: names(n) ? `${names(n)} · ${words.field.level.toLowerCase()} ${n}` : `${words.field.level} ${n}` }))}
      value={String(value)}
      onChange={(v) => {
        if (v) onChange(Number(v))
      }}
      allowDeselect={false}
      searchable={levels.length > 8}
      error={error}
    />
  )
}
