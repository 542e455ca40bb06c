import { Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { GateFields, gateFault, type GateValues, openGate } from '@/ui/Gate'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { useSeen } from '@/ui/useSeen'
import { createVariable, updateVariable, variableQuery } from './data'

const words = t.variables
const largest = 65_536

interface Values extends GateValues {
  name: string
  value: string
}

const fresh: Values = { name: '', value: '', ...openGate }

/** Adds a variable (no id) or changes one. */
export function VariableForm({ app, opened, id, onClose }: { app: string; opened: boolean; id?: string; onClose: () => void }) {
  const asked = opened ? id : undefined
  const query = useQuery(variableQuery(app, asked))
  const data = useSeen(asked, query.data)
  const reading = { ...query, data }
  const form = useForm<Values>({
    initialValues: fresh,
    validateInputOnChange: true,
    validate: {
      name: (v) => (v.trim() === '' ? t.common.required : [...v].length > 70 ? t.common.atMost(70) : null),
      value: (v) => (new TextEncoder().encode(v).length > largest ? words.tooLarge : null),
      min_level: gateFault,
    },
  })
  const old = id ? data?.value : undefined
  useFilled(form, opened, () => (old ? { name: old.name, value: old.value ?? '', needs_sign_in: old.needs_sign_in, min_level: old.min_level } : fresh), old)
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={id ? words.edit.title : words.create.title}
      label={id ? t.common.save : words.create.submit}
      form={form}
      reading={id ? reading : undefined}
      submit={async (v) => {
        const body = { ...v, name: v.name.trim(), needs_sign_in: v.needs_sign_in || v.min_level > 0 }
        if (id) await updateVariable(app, id, data?.tag ?? '', body)
        else await createVariable(app, body)
        done(id ? t.common.saved : words.create.done)
        onClose()
      }}
    >
      <TextInput label={words.field.name} description={words.nameHint} data-autofocus autoComplete="off" spellCheck={false} {...form.getInputProps('name')} />
      <Textarea label={words.field.value} description={words.valueHint} autosize minRows={4} maxRows={18} spellCheck={false} {...form.getInputProps('value')} />
      <GateFields form={form} />
    </FormDrawer>
  )
}
