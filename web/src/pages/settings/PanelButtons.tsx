import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Schema } from '@/api/client'
import { t } from '@/strings'

type PanelButton = Schema['PanelButton']

const words = t.settings.buttons
const most = 20

/** Why the server would refuse a button of a list; null if it would not. */
export function buttonFault({ text, value }: PanelButton, others: PanelButton[]): string | null {
  if (text.trim() !== text || [...text].length < 1 || [...text].length > 50) return words.textFault
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(value) || /^\.+$/.test(value) || value === 'handshake') return words.valueFault
  return others.some((o) => o.value === value) ? words.twice : null
}

/** Why the server would refuse a list of buttons; null if it would not. */
export function buttonsFault(list: PanelButton[]): string | null {
  const found = list.map((b, i) => buttonFault(b, list.slice(0, i))).find((f) => f !== null)
  return found ?? null
}

interface Props {
  label: string
  description: string
  disabled: boolean
  error: ReactNode
  value: PanelButton[]
  onChange: (list: PanelButton[]) => void
}

/** The seller's buttons on customers' own pages, in their order. */
export function PanelButtons({ label, description, disabled, error, value, onChange }: Props) {
  const change = (at: number, part: Partial<PanelButton>) => {
    onChange(value.map((b, i) => (i === at ? { ...b, ...part } : b)))
  }
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div" role="group" aria-label={label}>
      <Stack gap="xs" mt="xs">
        {value.map((b, i) => {
          const wrong = buttonFault(b, value.slice(0, i)) !== null && Boolean(error)
          return (
            // A button has no name but its place.
            <Group key={i} gap="xs" wrap="nowrap" align="flex-start">
              <TextInput
                aria-label={words.text(i + 1)}
                placeholder={words.textPlaceholder}
                value={b.text}
                disabled={disabled}
                error={wrong}
                onChange={(e) => {
                  change(i, { text: e.currentTarget.value })
                }}
                flex={1}
              />
              <TextInput
                aria-label={words.value(i + 1)}
                placeholder={words.valuePlaceholder}
                value={b.value}
                disabled={disabled}
                error={wrong}
                onChange={(e) => {
                  change(i, { value: e.currentTarget.value.trim() })
                }}
                spellCheck={false}
                autoComplete="off"
                flex={1}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size="input-sm"
                disabled={disabled}
                aria-label={words.remove(i + 1)}
                onClick={() => {
                  onChange(value.filter((_, at) => at !== i))
                }}
              >
                <IconTrash size={18} />
              </ActionIcon>
            </Group>
          )
        })}
        {value.length < most && (
          <Button
            variant="default"
            size="xs"
            disabled={disabled}
            leftSection={<IconPlus size={14} />}
            onClick={() => {
              onChange([...value, { text: '', value: '' }])
            }}
            style={{ alignSelf: 'flex-start' }}
          >
            {words.add}
          </Button>
        )}
      </Stack>
    </Input.Wrapper>
  )
}
