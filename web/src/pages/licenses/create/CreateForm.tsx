import { Alert, Box, Button, Checkbox, Group, Input, NumberInput, Stack, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useEffectEvent, useLayoutEffect, useState } from 'react'
import type { App, Subscription } from '@/api/client'
import type { Problem } from '@/api/problem'
import { useAccount } from '@/app/session'
import { isCustom } from '@/rules/mask'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { focusFirst, placeErrors } from '@/ui/errors'
import { KeyMask } from '@/ui/KeyMask'
import { LevelSelect } from '../LevelSelect'
import { remember, remembered, validate, type Values } from './values'

// Where what is about no field stands among the errors, until it is submitted anew.
const foot = 'foot'

interface Props {
  app: App
  subscriptions: Subscription[]
  /** Kept, but not shown: what was typed is there again if the server refuses it. */
  hidden: boolean
  /** Why the server would not make what was submitted last. */
  refused?: Problem
  /** Is told whether there is something that would be lost. */
  typed: (dirty: boolean) => void
  submit: (values: Values) => void
  onClose: () => void
}

export function CreateForm({ app, subscriptions, hidden, refused, typed, submit, onClose }: Props) {
  const me = useAccount()?.id ?? ''
  const words = t.licenses.create
  const [first] = useState(() => remembered(app.id, me, subscriptions.map((s) => s.level).sort((a, b) => a - b)))
  const form = useForm<Values>({ initialValues: first, validate: (v) => validate(v, app.settings.min_key_bits) })
  const place = useEffectEvent(() => {
    if (!refused) return
    const rest = placeErrors(refused, form, { charset: 'lowercase', custom_key: 'mask' })
    form.setFieldError(foot, rest || null)
  })
  useEffect(() => {
    place()
  }, [refused])
  const dirty = form.isDirty()
  // Before the next key is heard, which may be the Esc that would close it.
  useLayoutEffect(() => {
    typed(dirty)
  }, [typed, dirty])
  const v = form.values
  // What is wrong now is said at once.
  const now = validate(v, app.settings.min_key_bits)
  const error = (field: keyof Values) => form.errors[field] ?? now[field]
  const custom = isCustom(v.mask)
  return (
    <form
      hidden={hidden}
      noValidate
      onSubmit={form.onSubmit((values) => {
        remember(app.id, me, values)
        submit(values)
      }, focusFirst)}
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
          error={error('amount')}
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
        <Textarea label={words.note} description={words.noteHint} autosize minRows={2} {...form.getInputProps('note')} error={error('note')} />
        {form.errors[foot] && (
          <Alert color="red" role="alert">
            {form.errors[foot]}
          </Alert>
        )}
        <Box mt="xs">
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t.common.cancel}
            </Button>
            <Button type="submit">{now.amount ? t.common.create : words.submit(v.amount)}</Button>
          </Group>
        </Box>
      </Stack>
    </form>
  )
}
