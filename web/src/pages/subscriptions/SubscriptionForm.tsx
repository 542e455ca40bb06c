import { NumberInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import type { Subscription } from '@/api/client'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { create, read, update, type Values } from './data'

const words = t.subscriptions
const highest = 1_000_000

export type Edit = { kind: 'create'; level: number } | { kind: 'edit'; subscription: Subscription }

/** Adds a subscription or changes one. */
export function SubscriptionForm({ app, task, onClose }: { app: string; task?: Edit; onClose: () => void }) {
  const old = task?.kind === 'edit' ? task.subscription : undefined
  const current = useQuery({
    queryKey: ['app', app, 'subscriptions', 'one', old?.id],
    queryFn: () => read(app, old?.id ?? ''),
    enabled: Boolean(old),
    gcTime: 0,
  })
  const form = useForm<Values>({
    initialValues: { name: '', level: 1 },
    validateInputOnChange: true,
    validate: {
      name: (v) => (v.trim() === '' ? words.nameNeeded : [...v.trim()].length > 70 ? t.common.atMost(70) : null),
      level: (v) => (Number.isInteger(v) && v >= 1 && v <= highest ? null : t.common.wholeNumber(1, highest)),
    },
  })
  useFilled(form, Boolean(task), () => (task?.kind === 'create' ? { name: '', level: task.level } : { name: old?.name ?? '', level: old?.level ?? 1 }), task)
  return (
    <FormDrawer
      small
      opened={Boolean(task)}
      onClose={onClose}
      title={old ? words.edit.title : words.create.title}
      label={old ? t.common.save : words.create.submit}
      form={form}
      submit={async ({ name, level }) => {
        const values = { name: name.trim(), level }
        if (old) await update(app, old, current.data?.tag ?? '', values)
        else await create(app, values)
        done(old ? t.common.saved : words.create.done)
        onClose()
      }}
    >
      <TextInput label={words.field.name} description={words.nameHint} data-autofocus autoComplete="off" {...form.getInputProps('name')} />
      <NumberInput label={words.field.level} description={words.levelHint} min={1} max={highest} allowDecimal={false} clampBehavior="none" {...form.getInputProps('level')} />
    </FormDrawer>
  )
}
