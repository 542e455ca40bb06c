import { Group, Input, Progress, Text, TextInput } from '@mantine/core'
import { useMemo } from 'react'
import { bits, bitsSaid, example, isCustom, type Letters, maskFault } from '@/rules/mask'
import { t } from '@/strings'
import classes from './KeyMask.module.css'

interface Props {
  mask: string
  letters: Letters
  /** The application's floor, in bits. */
  floor: number
  onChange: (mask: string) => void
  error?: React.ReactNode
}

// Where a bar is full: nobody gains from more.
const plenty = 160

/** A mask with a key as it would make one, and how hard that is to guess. */
export function KeyMask({ mask, letters, floor, onChange, error }: Props) {
  const sound = maskFault(mask) === null && (letters.lowercase || letters.uppercase)
  const strength = sound ? bits(mask, letters) : 0
  const sample = useMemo(() => (sound ? example(mask, letters) : ''), [sound, mask, letters])
  const weak = strength < floor
  const words = t.licenses.create
  return (
    <div>
      <TextInput
        label={words.mask}
        description={words.maskHint}
        value={mask}
        onChange={(e) => {
          onChange(e.currentTarget.value)
        }}
        error={error}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: classes.mask }}
      />
      {sound && (
        <div className={classes.preview}>
          <Text size="xs" c="dimmed">
            {words.example}
          </Text>
          <code className={classes.key} data-testid="mask-example">
            {sample}
          </code>
          {!isCustom(mask) && (
            <>
              <Group justify="space-between" mt={8} mb={4}>
                <Input.Label size="xs" component="span">
                  {words.strength}
                </Input.Label>
                <Text size="xs" data-testid="mask-bits">
                  {t.common.bits(bitsSaid(strength))} · {weak ? words.weak : strength < 80 ? words.fair : words.strong}
                </Text>
              </Group>
              <Progress value={(100 * Math.min(strength, plenty)) / plenty} color={weak ? 'red' : strength < 80 ? 'yellow' : 'green'} size={4} aria-label={words.strength} />
            </>
          )}
        </div>
      )}
    </div>
  )
}
