import { Group, Input, NativeSelect, NumberInput } from '@mantine/core'
import { useId } from 'react'
import { fault, type Length, type Unit, units } from '@/rules/duration'
import { t } from '@/strings'

interface Props {
  label: string
  description?: string
  value: Length
  onChange: (d: Length) => void
  error?: React.ReactNode
  disabled?: boolean
  /** Whether a lifetime can be chosen. */
  lifetime?: boolean
}

/** An amount of a unit, or a lifetime. */
export function DurationInput({ label, description, value, onChange, error, disabled, lifetime = true }: Props) {
  const id = useId()
  const wrong = error ?? fault(value)
  const last = value.amount || 1
  return (
    <Input.Wrapper label={label} description={description} error={wrong} labelElement="label" labelProps={{ htmlFor: id }}>
      <Group gap="xs" wrap="nowrap" mt={4}>
        {value.unit !== 'lifetime' && (
          <NumberInput
            id={id}
            aria-label={`${label}: ${t.common.duration.amount}`}
            value={value.amount || ''}
            onChange={(v) => {
              onChange({ ...value, amount: typeof v === 'number' ? v : 0 })
            }}
            min={1}
            allowDecimal={false}
            allowNegative={false}
            clampBehavior="none"
            error={Boolean(wrong)}
            disabled={disabled}
            w={110}
          />
        )}
        <NativeSelect
          id={value.unit === 'lifetime' ? id : undefined}
          aria-label={`${label}: ${t.common.duration.unit}`}
          value={value.unit}
          onChange={(e) => {
            const unit = e.currentTarget.value as Unit
            onChange(unit === 'lifetime' ? { amount: 0, unit } : { amount: last, unit })
          }}
          data={units.filter((u) => lifetime || u !== 'lifetime').map((u) => ({ value: u, label: t.common.duration.units[u] }))}
          disabled={disabled}
          flex={1}
        />
      </Group>
    </Input.Wrapper>
  )
}
