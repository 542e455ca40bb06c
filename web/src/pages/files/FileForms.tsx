import { FileInput, NumberInput, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { addressFault, isPlain } from '@/rules/text'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { FormDrawer } from '@/ui/FormDrawer'
import { GateFields, gateFault, type GateValues, openGate } from '@/ui/Gate'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { useSeen } from '@/ui/useSeen'
import { type AppFile, fileQuery, linkFile, replaceContent, size, updateFile, uploadFile } from './data'

const words = t.files
const nameFault = (v: string) => (v.trim() === '' ? words.nameNeeded : [...v].length > 200 ? t.common.atMost(200) : null)

/** Uploads a file, or gives one another content. */
export function UploadDialog({ app, opened, replaces, onClose }: { app: string; opened: boolean; replaces?: AppFile; onClose: () => void }) {
  const [file, pick] = useState<File | null>(null)
  const [who, setWho] = useState<GateValues>(openGate)
  const part = words.upload
  return (
    <ActionDialog
      opened={opened}
      onClose={onClose}
      title={replaces ? part.replaceTitle(replaces.name) : part.title}
      text={replaces ? part.replaceText : undefined}
      label={() => (replaces ? part.replace : part.submit)}
      preview={{
        key: ['upload', file?.name, file?.size, file?.lastModified],
        load: () => Promise.resolve({ changes: file ? 1 : 0, lines: [file ? `${file.name} · ${size(file.size)}` : part.needed] }),
      }}
      run={async (report, signal) => {
        if (!file) return
        if (replaces) await replaceContent(app, replaces.id, file, signal, report)
        else await uploadFile(app, file, file.name, who, signal, report)
        done(replaces ? part.replaceDone : part.done)
        pick(null)
      }}
    >
      <FileInput label={part.file} placeholder={part.choose} value={file} onChange={pick} clearable clearButtonProps={{ 'aria-label': t.common.clear }} />
      {!replaces && (
        <>
          <Switch
            label={t.gate.needsSignIn}
            description={t.gate.needsSignInHint}
            checked={who.needs_sign_in}
            onChange={(e) => {
              setWho({ ...who, needs_sign_in: e.currentTarget.checked })
            }}
          />
          <NumberInput
            label={t.gate.minLevel}
            description={t.gate.minLevelHint}
            value={who.min_level}
            onChange={(v) => {
              setWho({ needs_sign_in: who.needs_sign_in || Number(v) > 0, min_level: Number(v) || 0 })
            }}
            min={0}
            max={1_000_000}
            allowDecimal={false}
          />
        </>
      )}
    </ActionDialog>
  )
}

interface Values extends GateValues {
  name: string
  link: string
}

/** Adds a file behind a link (no id), or changes what is said of a file. */
export function FileForm({ app, opened, id, onClose }: { app: string; opened: boolean; id?: string; onClose: () => void }) {
  const asked = opened ? id : undefined
  const query = useQuery(fileQuery(app, asked))
  const data = useSeen(asked, query.data)
  const file = data?.value
  const linked = !id || Boolean(file?.link)
  const form = useForm<Values>({
    initialValues: { name: '', link: '', ...openGate },
    validateInputOnChange: true,
    validate: { name: nameFault, link: (v) => (!linked ? null : v.trim() === '' ? words.link.needed : addressFault(v)), min_level: gateFault },
  })
  useFilled(form, opened, () => (file ? { name: file.name, link: file.link ?? '', needs_sign_in: file.needs_sign_in, min_level: file.min_level } : { name: '', link: '', ...openGate }), file)
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={id ? words.edit.title : words.link.title}
      label={id ? t.common.save : words.link.submit}
      form={form}
      reading={id ? { ...query, data } : undefined}
      submit={async (v) => {
        const body = { name: v.name.trim(), needs_sign_in: v.needs_sign_in || v.min_level > 0, min_level: v.min_level }
        if (file) await updateFile(app, file.id, data.tag, { ...body, link: linked && v.link !== file.link ? v.link.trim() : undefined })
        else await linkFile(app, { ...body, link: v.link.trim() })
        done(id ? t.common.saved : words.link.done)
        onClose()
      }}
    >
      <TextInput label={words.field.name} data-autofocus autoComplete="off" {...form.getInputProps('name')} />
      {linked && <TextInput label={words.link.url} description={isPlain(form.values.link) ? t.common.faults.addressPlain : words.link.urlHint} placeholder={t.gate.urlPlaceholder} autoComplete="off" spellCheck={false} {...form.getInputProps('link')} />}
      <GateFields form={form} />
    </FormDrawer>
  )
}
