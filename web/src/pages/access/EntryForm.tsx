import { Select, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { accessFault, atMost } from '@/rules/text'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { useSeen } from '@/ui/useSeen'
import { createEntry, type Entry, entryQuery, updateEntry, type Which } from './data'

const words = t.access

export const kindsOf = { blacklists: ['ip', 'cidr', 'hwid', 'country', 'asn'], whitelists: ['ip', 'cidr'] } as const

interface Values {
  kind: Entry['kind']
  value: string
  reason: string
  expires: string // as <input type="datetime-local"> has it
}

/** The moment in the form's own time zone. */
const local = (at?: string) => {
  if (!at) return ''
  const d = new Date(at)
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** Adds an entry (no id), or changes the reason and end of one. */
export function EntryForm({ app, which, opened, id, onClose }: { app: string; which: Which; opened: boolean; id?: string; onClose: () => void }) {
  const asked = opened ? id : undefined
  const query = useQuery(entryQuery(app, which, asked))
  const data = useSeen(asked, query.data)
  const entry = data?.value
  const form = useForm<Values>({
    initialValues: { kind: 'ip', value: '', reason: '', expires: '' },
    validateInputOnChange: true,
    validate: { value: (v, all) => (id ? null : v.trim() === '' ? words.needed : accessFault(all.kind, v)), reason: atMost(500) },
  })
  useFilled(form, opened, () => (entry ? { kind: entry.kind, value: entry.value, reason: entry.reason ?? '', expires: local(entry.expires_at) } : { kind: 'ip', value: '', reason: '', expires: '' }), entry)
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={id ? words.edit.title : words.create.title}
      label={id ? t.common.save : words.create.submit}
      form={form}
      reading={id ? { ...query, data } : undefined}
      fields={{ expires_at: 'expires' }}
      submit={async (v) => {
        const expires = v.expires ? new Date(v.expires).toISOString() : undefined
        if (entry) await updateEntry(app, which, entry.id, data.tag, { reason: v.reason, expires_at: (expires ?? null) as never })
        else await createEntry(app, which, { kind: v.kind, value: v.value.trim(), reason: v.reason || undefined, expires_at: expires as never })
        done(id ? t.common.saved : words.create.done)
        onClose()
      }}
    >
      <Select
        label={words.field.kind}
        data={kindsOf[which].map((k) => ({ value: k, label: words.kind[k] ?? k }))}
        value={form.values.kind}
        onChange={(v) => {
          if (v) form.setFieldValue('kind', v as Entry['kind'])
          form.clearFieldError('value') // the next letter is judged by the new kind
        }}
        allowDeselect={false}
        disabled={Boolean(id)}
        error={form.errors.kind}
      />
      <TextInput
        label={words.field.value}
        placeholder={words.example[form.values.kind]}
        disabled={Boolean(id)}
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('value')}
      />
      <Textarea label={words.field.reason} description={words.reasonHint} autosize minRows={2} {...form.getInputProps('reason')} />
      <TextInput type="datetime-local" label={words.field.expires} description={words.expiresHint} {...form.getInputProps('expires')} />
    </FormDrawer>
  )
}
