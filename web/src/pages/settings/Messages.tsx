import { ActionIcon, Alert, Button, Group, Paper, Stack, Text, TextInput, Title, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { IconRestore } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { api, type App } from '@/api/client'
import { useParam } from '@/app/params'
import { appsChanged } from '@/pages/apps/data'
import { defaultMessages } from '@/rules/messages'
import { chars } from '@/rules/text'
import { t } from '@/strings'
import { focusFirst, placeErrors } from '@/ui/errors'
import { Search } from '@/ui/list/Search'
import { done } from '@/ui/notify'
import { useUnsaved } from '@/ui/useUnsaved'
import { kept } from './kept'
import classes from './settings.module.css'

const words = t.settings.messages
type Values = Record<string, string>

const valuesOf = (app: App): Values => ({ ...defaultMessages, ...app.messages })

/** Every text that customers see. */
export function Messages({ app, tag }: { app: App; tag: string }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const form = useForm<Values>({
    initialValues: valuesOf(app),
    validateInputOnChange: true,
    validate: (values) => Object.fromEntries(Object.entries(values).filter(([, v]) => v === '' || chars(v) > 100).map(([name]) => [name, words.needed])),
  })
  const { setValues } = form
  const shown = useRef(form.values)
  useEffect(() => {
    const fresh = valuesOf(app)
    setValues(kept(shown.current, form.values, fresh))
    shown.current = fresh
    // Anew when the server has something new, not at every keystroke.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [tag])
  const before = valuesOf(app)
  const changed = Object.keys(defaultMessages).filter((name) => form.values[name] !== before[name])
  const { question, free } = useUnsaved(changed.length > 0)
  const navigate = useNavigate()
  const search = useParam('q') ?? ''
  const find = (q: string) => {
    free(true) // what is typed stays
    void navigate({ to: '.', search: ((old: object) => ({ ...old, q: q || undefined })) as never, replace: true }).finally(() => {
      free(false)
    })
  }
  // What is wrong is shown in any case, or nobody could mend it.
  const matches = (name: string) => {
    const [, title = '', when = ''] = words.of[name] ?? []
    return form.errors[name] !== undefined || [name, title, when, form.values[name] ?? ''].some((text) => text.toLowerCase().includes(search.trim().toLowerCase()))
  }
  const shownGroups = (Object.keys(words.groups) as (keyof typeof words.groups)[]).filter((group) => Object.keys(defaultMessages).some((name) => words.of[name]?.[0] === group && matches(name)))

  async function save(values: Values) {
    setBusy(true)
    setError('')
    try {
      const messages = Object.fromEntries(changed.map((name) => [name, values[name] === defaultMessages[name] ? null : values[name]]))
      await api.PATCH('/apps/{app}', { params: { path: { app: app.id }, header: { 'If-Match': tag } }, body: { messages: messages as never } })
      await appsChanged(app.id)
      done(t.settings.saved)
    } catch (e) {
      setError(placeErrors(e, form, Object.fromEntries(Object.keys(defaultMessages).map((name) => [`messages.${name}`, name]))))
    } finally {
      setBusy(false)
    }
  }

  return (
    <form onSubmit={form.onSubmit((v) => void save(v), focusFirst)} noValidate>
      {question}
      <Paper withBorder p="lg">
        <Text c="dimmed">{words.lead}</Text>
        <Text c="dimmed" size="sm" mb="md">
          {words.reason}
        </Text>
        <Search value={search} onChange={find} hint={words.searchHint} />
        <Stack gap="xl" mt="lg">
          {shownGroups.length === 0 && <Text c="dimmed">{t.list.nothing}</Text>}
          {shownGroups.map((group) => (
            <Stack key={group} gap="md" component="section" aria-label={words.groups[group]}>
              <Title order={2} size="h4">
                {words.groups[group]}
              </Title>
              {Object.entries(defaultMessages)
                .filter(([name]) => words.of[name]?.[0] === group && matches(name))
                .map(([name, usual]) => {
                  const [, title, when] = words.of[name] ?? [group, name, '']
                  return (
                    <TextInput
                      key={name}
                      label={title}
                      description={
                        <>
                          {when}{' '}
                          <Text span inherit ff="monospace">
                            {name}
                          </Text>
                        </>
                      }
                      placeholder={usual}
                      autoComplete="off"
                      rightSection={
                        form.values[name] !== usual && (
                          <Tooltip label={words.reset}>
                            <ActionIcon
                              aria-label={`${words.reset}: ${title}`}
                              onClick={() => {
                                form.setFieldValue(name, usual)
                              }}
                            >
                              <IconRestore size={16} />
                            </ActionIcon>
                          </Tooltip>
                        )
                      }
                      {...form.getInputProps(name)}
                    />
                  )
                })}
            </Stack>
          ))}
        </Stack>
      </Paper>
      {(changed.length > 0 || error) && (
        <div className={classes.save}>
          <Paper withBorder shadow="lg" px="md" py="xs">
            {error && (
              <Alert color="red" role="alert" mb="xs">
                {error}
              </Alert>
            )}
            <Group justify="space-between">
              <Text size="sm" fw={600} aria-live="polite">
                {t.settings.changed(changed.length)}
              </Text>
              <Group gap="xs">
                <Button
                  variant="default"
                  onClick={() => {
                    setValues(before)
                    setError('')
                  }}
                >
                  {t.settings.discard}
                </Button>
                <Button type="submit" loading={busy}>
                  {words.save}
                </Button>
              </Group>
            </Group>
          </Paper>
        </div>
      )}
    </form>
  )
}
