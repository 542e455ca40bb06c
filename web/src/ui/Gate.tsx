import { NumberInput, Switch, Text } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { t } from '@/strings'

const words = t.gate
const highest = 1_000_000

export interface GateValues {
  needs_sign_in: boolean
  min_level: number
}

export const openGate: GateValues = { needs_sign_in: true, min_level: 0 }

export const gateFault = (level: unknown) => (Number.isInteger(level) && (level as number) >= 0 && (level as number) <= highest ? null : t.common.wholeNumber(0, highest))

/** Who may have a variable, a file or a webhook. */
export function GateFields<V extends GateValues>({ form }: { form: UseFormReturnType<V> }) {
  const level = (form.values as GateValues).min_level
  return (
    <>
      <Switch
        label={words.needsSignIn}
        description={words.needsSignInHint}
        {...form.getInputProps('needs_sign_in', { type: 'checkbox' })}
        {...(level > 0 ? { checked: true, disabled: true } : {})}
      />
      <NumberInput label={words.minLevel} description={words.minLevelHint} min={0} max={highest} allowDecimal={false} clampBehavior="none" {...form.getInputProps('min_level')} />
    </>
  )
}

/** The same in a word. */
export function Who({ of }: { of: GateValues }) {
  if (of.min_level > 0) return <>{words.level(of.min_level)}</>
  if (of.needs_sign_in) return <>{words.signedIn}</>
  return <Text span c="dimmed" size="sm">{words.anyone}</Text>
}
