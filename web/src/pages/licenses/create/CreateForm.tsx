import { Box, Button, Checkbox, Group, Input, NumberInput, Stack, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { App, Subscription } from '@/api/client'
import { useAccount } from '@/app/session'
import { isCustom } from '@/rules/mask'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { KeyMask } from '@/ui/KeyMask'
import { LevelSelect } from '../LevelSelect'
import { remember, remembered, validate, type Values } from './values'

interface Props {
  app: App
  subscriptions: Subscription[]
  /** Kept, but not shown: what was typed is there again if the server refuses it. */
  hidden: boolean
  submit: (values: Values) => void
  onClose: () => void
}

export function CreateForm({ app, subscriptions, hidden, submit, onClose }: Props) {
  const me = useAccount()?.id ?? ''
  const words = t.licenses.create
  const [first] = useState(() => remembered(app.id, me, subscriptions.map((s) => s.level).sort((a, b) => a - b)))
  const form = useForm<Values>({ initialValues: first, validate: (v) => validate(v, app.settings.min_key_bits) })
  const v = form.values
  // What is wrong now: said at once where it is about what is being chosen.
  const now = validate(v, app.settings.min_key_bits)
  const error = (field: keyof Values) => form.errors[field] ?? (field === 'mask' || field === 'lowercase' || field === 'duration' ? now[field] : undefined)
  const custom = isCustom(v.mask)
  return (
    <form
      hidden={hidden}
      noValidate
      onSubmit={form.onSubmit((values) => {
        remember(app.id, me, values)
        submit(values)
      })}
    >
      <Stack gap="md">
        <NumberInput
          label={words.amount}
          min={1}
          max={10_000_000}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          data-autofocus
          {...form.getInputProps('amount')}
          onChange={(n) => {
            form.setFieldValue('amount', typeof n === 'number' ? n : 0)
          }}
        />
        <KeyMask
          mask={v.mask}
          letters={v}
          floor={app.settings.min_key_bits}
          onChange={(mask) => {
            form.setFieldValue('mask', mask)
          }}
          error={error('mask')}
        />
        {custom ? (
          <Checkbox label={words.customKey} description={words.customKeyHint} {...form.getInputProps('customKey', { type: 'checkbox' })} />
        ) : (
          <Input.Wrapper label={words.letters} description={words.digits} error={error('lowercase')} labelElement="div">
            <Group mt={6}>
              <Checkbox label={words.uppercase} {...form.getInputProps('uppercase', { type: 'checkbox' })} error={false} />
              <Checkbox label={words.lowercase} {...form.getInputProps('lowercase', { type: 'checkbox' })} error={false} />
            </Group>
          </Input.Wrapper>
        )}
        <LevelSelect
          subscriptions={subscriptions}
          value={v.level}
          onChange={(n) => {
            form.setFieldValue('level', n)
          }}
          error={form.errors.level}
        />
        <DurationInput
          label={words.duration}
          description={words.durationHint}
          value={v.duration}
          onChange={(d) => {
            form.setFieldValue('duration', d)
          }}
          error={error('duration')}
        />
        <Textarea label={words.note} description={words.noteHint} autosize minRows={2} {...form.getInputProps('note')} />
        <Box mt="xs">
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t.common.cancel}
            </Button>
            <Button type="submit">{words.submit(v.amount || 1)}</Button>
          </Group>
        </Box>
      </Stack>
    </form>
  )
}
