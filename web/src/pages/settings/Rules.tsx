import { Alert, Button, Checkbox, Group, NumberInput, Paper, Stack, Switch, TagsInput, Text, TextInput, Title } from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import { api, type App } from '@/api/client'
import { appsChanged } from '@/pages/apps/data'
import { t } from '@/strings'
import { focusFirst, placeErrors } from '@/ui/errors'
import { done } from '@/ui/notify'
import { useUnsaved } from '@/ui/useUnsaved'
import { difference, fault, type Field, groups, protocols, type Settings } from './fields'
import { kept } from './kept'
import { PanelButtons } from './PanelButtons'
import { SecondsInput } from './SecondsInput'
import classes from './settings.module.css'

const words = t.settings

/** Every setting of an application, in one form with one button. */
export function Rules({ app, tag }: { app: App; tag: string }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const all = groups.flatMap((g) => g.fields)
  const form = useForm<Settings>({
    initialValues: app.settings,
    validateInputOnChange: true,
    validate: Object.fromEntries(all.map((f) => [f.name, (v: unknown) => fault(f, v)])) as never,
  })
  const { setValues } = form
  const shown = useRef(app.settings)
  useEffect(() => {
    setValues(kept(shown.current, form.values, app.settings))
    shown.current = app.settings
    // Anew when the server has something new, not at every keystroke.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [tag])
  const changes = difference(app.settings, form.values)
  const count = Object.keys(changes).length
  const { question } = useUnsaved(count > 0)

  async function save(values: Settings) {
    setBusy(true)
    setError('')
    try {
      await api.PATCH('/apps/{app}', { params: { path: { app: app.id }, header: { 'If-Match': tag } }, body: { settings: difference(app.settings, values) as never } })
      await appsChanged(app.id)
      done(words.saved)
    } catch (e) {
      setError(placeErrors(e, form, Object.fromEntries(all.flatMap((f) => [[`settings.${f.name}`, f.name]])) as never))
    } finally {
      setBusy(false)
    }
  }

  return (
    <form onSubmit={form.onSubmit((v) => void save(v), focusFirst)} noValidate>
      {question}
      <Stack gap="lg">
        {groups.map((g) => (
          <Paper key={g.id} withBorder p="lg" component="section" aria-labelledby={`group-${g.id}`}>
            <div className={classes.group}>
              <div>
                <Title order={2} id={`group-${g.id}`} size="h4">
                  {words.groups[g.id].title}
                </Title>
                <Text c="dimmed" size="sm">
                  {words.groups[g.id].text}
                </Text>
              </div>
              <Stack gap="md">
                {g.fields.map((f) => (
                  <Entry key={f.name} field={f} form={form} />
                ))}
              </Stack>
            </div>
          </Paper>
        ))}
      </Stack>
      {(count > 0 || error) && (
        <div className={classes.save}>
          <Paper withBorder shadow="lg" px="md" py="xs">
            {error && (
              <Alert color="red" role="alert" mb="xs">
                {error}
              </Alert>
            )}
            <Group justify="space-between">
              <Text size="sm" fw={600} aria-live="polite">
                {words.changed(count)}
              </Text>
              <Group gap="xs">
                <Button
                  variant="default"
                  onClick={() => {
                    setValues(app.settings)
                    form.clearErrors()
                    setError('')
                  }}
                >
                  {words.discard}
                </Button>
                <Button type="submit" loading={busy}>
                  {t.common.save}
                </Button>
              </Group>
            </Group>
          </Paper>
        </div>
      )}
    </form>
  )
}

type Form = Pick<UseFormReturnType<Settings>, 'values' | 'errors' | 'setFieldValue'>

function Entry({ field: f, form }: { field: Field; form: Form }) {
  const [label, description] = words.field[f.name]
  const disabled = f.needs !== undefined && !form.values[f.needs]
  const value = form.values[f.name]
  const set = (v: unknown) => {
    form.setFieldValue(f.name, v as never)
  }
  const rest = { label, description, disabled, error: form.errors[f.name] }
  switch (f.kind) {
    case 'switch':
      return (
        <Switch
          {...rest}
          checked={value as boolean}
          onChange={(e) => {
            set(e.currentTarget.checked)
          }}
        />
      )
    case 'number':
      return f.seconds ? (
        <SecondsInput {...rest} value={value as number} onChange={set} />
      ) : (
        <NumberInput
          {...rest}
          value={value as number}
          onChange={(v) => {
            set(v)
          }}
          min={f.from}
          max={f.to}
          allowDecimal={false}
          clampBehavior="none"
          thousandSeparator=","
          maw={220}
        />
      )
    case 'text':
      return (
        <TextInput
          {...rest}
          value={value as string}
          onChange={(e) => {
            set(e.currentTarget.value)
          }}
          autoComplete="off"
          spellCheck={false}
        />
      )
    case 'buttons':
      return <PanelButtons {...rest} value={value as Settings['panel_buttons']} onChange={set} />
    case 'list':
      return (
        <TagsInput
          {...rest}
          value={value as string[]}
          onChange={(list) => {
            set(list.map((v) => (f.upper ? v.trim().toUpperCase() : v.trim().toLowerCase())))
          }}
          splitChars={[',', ' ', '\n']}
        />
      )
    case 'protocols':
      return (
        <Checkbox.Group
          {...rest}
          value={value as string[]}
          onChange={(list) => {
            set(protocols.filter((p) => list.includes(p)))
          }}
        >
          <Group mt="xs">
            {protocols.map((p) => (
              <Checkbox key={p} value={p} label={p} />
            ))}
          </Group>
        </Checkbox.Group>
      )
  }
}
