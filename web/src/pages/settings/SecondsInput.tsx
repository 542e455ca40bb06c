import { Group, Input, NativeSelect, NumberInput } from '@mantine/core'
import { type ReactNode, useId, useState } from 'react'
import { largestUnit, type SecondsUnit, secondsOf, secondsUnits } from '@/rules/seconds'
import { t } from '@/strings'

const words = t.common.duration

interface Props {
  label: string
  description: string
  disabled: boolean
  error: ReactNode
  /** Seconds; what is no whole number is only typed so far. */
  value: number
  onChange: (seconds: number) => void
}

/** A length of time that the server keeps in seconds, as an amount of a unit. */
export function SecondsInput({ label, description, disabled, error, value, onChange }: Props) {
  const id = useId()
  const [chosen, choose] = useState<SecondsUnit>()
  // What comes from elsewhere may be no whole number of the unit that was chosen.
  const unit = chosen && (!Number.isInteger(value) || value % secondsOf[chosen] === 0) ? chosen : largestUnit(value)
  const amount = Number.isInteger(value) ? value / secondsOf[unit] : ''
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="label" labelProps={{ htmlFor: id }}>
      <Group gap="xs" wrap="nowrap" mt={4} maw={280}>
        <NumberInput
          id={id}
          aria-label={`${label}: ${words.amount}`}
          value={amount}
          onChange={(v) => {
            choose(unit)
            onChange(typeof v === 'number' ? v * secondsOf[unit] : NaN)
          }}
          min={0}
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="none"
          thousandSeparator=","
          error={Boolean(error)}
          disabled={disabled}
          w={110}
        />
        <NativeSelect
          aria-label={`${label}: ${words.unit}`}
          value={unit}
          onChange={(e) => {
            const next = e.currentTarget.value as SecondsUnit
            choose(next)
            if (amount !== '') onChange(amount * secondsOf[next])
          }}
          data={secondsUnits.map((u) => ({ value: u, label: words.units[u] }))}
          disabled={disabled}
          flex={1}
        />
      </Group>
    </Input.Wrapper>
  )
}
