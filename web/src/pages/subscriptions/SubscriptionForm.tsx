import { NumberInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { useSeen } from '@/ui/useSeen'
import { create, read, update, type Values } from './data'

const words = t.subscriptions
const highest = 1_000_000

interface Props {
  app: string
  opened: boolean
  id?: string
  /** Of a new one, as long as nobody says otherwise. */
  level: number
  onClose: () => void
}

/** Adds a subscription (no id) or changes one. */
export function SubscriptionForm({ app, opened, id, level: suggested, onClose }: Props) {
  const asked = opened ? id : undefined
  const query = useQuery({
    queryKey: ['app', app, 'subscriptions', 'one', asked],
    queryFn: () => read(app, asked ?? ''),
    enabled: Boolean(asked),
    gcTime: 0,
  })
  const data = useSeen(asked, query.data)
  const old = data?.value
  const form = useForm<Values>({
    initialValues: { name: '', level: 1 },
    validateInputOnChange: true,
    validate: {
      name: (v) => (v.trim() === '' ? words.nameNeeded : [...v.trim()].length > 70 ? t.common.atMost(70) : null),
      level: (v) => (Number.isInteger(v) && v >= 1 && v <= highest ? null : t.common.wholeNumber(1, highest)),
    },
  })
  useFilled(form, opened, () => (old ? { name: old.name, level: old.level } : { name: '', level: suggested }), old)
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={onClose}
      title={id ? words.edit.title : words.create.title}
      label={id ? t.common.save : words.create.submit}
      form={form}
      reading={id ? { ...query, data } : undefined}
      submit={async ({ name, level }) => {
        const values = { name: name.trim(), level }
        if (data) await update(app, data.value, data.tag, values)
        else await create(app, values)
        done(id ? t.common.saved : words.create.done)
        onClose()
      }}
    >
      <TextInput label={words.field.name} description={words.nameHint} data-autofocus autoComplete="off" {...form.getInputProps('name')} />
      <NumberInput label={words.field.level} description={words.levelHint} min={1} max={highest} allowDecimal={false} clampBehavior="none" {...form.getInputProps('level')} />
    </FormDrawer>
  )
}
