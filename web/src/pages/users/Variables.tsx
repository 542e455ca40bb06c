import { ActionIcon, Button, Card, Group, Skeleton, Stack, Switch, Text, Textarea, TextInput, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { bytes, nameFault } from '@/rules/text'
import { t } from '@/strings'
import { Failure } from '@/ui/Failure'
import { FormDrawer } from '@/ui/FormDrawer'
import { done, failed } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { deleteVariable, setVariable, type UserVariable, variablesQuery } from './data'

const words = t.users.variables

/** The variables of one user. */
export function Variables({ app, user }: { app: string; user: string }) {
  const { data, error, refetch } = useQuery(variablesQuery(app, user))
  const [form, edit] = useState<{ variable?: UserVariable }>()
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton height={120} />
  return (
    <Stack gap="xs">
      {data.length === 0 && <Text c="dimmed">{words.none}</Text>}
      {data.map((v) => (
        <Card key={v.id} withBorder padding="sm" radius="md">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <Text size="sm" fw={600} ff="monospace">
                {v.name}
                {v.read_only && (
                  <Text span size="xs" c="dimmed" ff="text">
                    {' '}
                    {words.readOnlyShort}
                  </Text>
                )}
              </Text>
              <Text size="sm" lineClamp={3} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
                {v.value}
              </Text>
            </div>
            <Group gap={4} wrap="nowrap">
              <Tooltip label={words.edit}>
                <ActionIcon
                  aria-label={`${words.edit}: ${v.name}`}
                  onClick={() => {
                    edit({ variable: v })
                  }}
                >
                  <IconPencil size={16} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={words.remove}>
                <ActionIcon
                  aria-label={`${words.remove}: ${v.name}`}
                  onClick={() => {
                    deleteVariable(app, user, v.id).then(() => {
                      done(words.removed)
                    }, failed)
                  }}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Tooltip>
            </Group>
          </Group>
        </Card>
      ))}
      <Group>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => {
            edit({})
          }}
        >
          {words.add}
        </Button>
      </Group>
      <VariableForm
        app={app}
        user={user}
        opened={Boolean(form)}
        variable={form?.variable}
        onClose={() => {
          edit(undefined)
        }}
      />
    </Stack>
  )
}

const fresh = { name: '', value: '', read_only: false }

function VariableForm({ app, user, opened, variable, onClose }: { app: string; user: string; opened: boolean; variable?: UserVariable; onClose: () => void }) {
  const form = useForm({ initialValues: fresh, validateInputOnChange: true, validate: { name: nameFault(words.nameNeeded), value: (v) => (bytes(v) > 4096 ? words.tooLarge : null) } })
  useFilled(form, opened, () => (variable ? { name: variable.name, value: variable.value, read_only: variable.read_only } : fresh))
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={onClose}
      title={variable ? words.edit : words.add}
      form={form}
      label={words.submit}
      submit={async (v) => {
        await setVariable(app, user, { ...v, name: v.name.trim() })
        done(words.done)
        onClose()
      }}
    >
      <TextInput label={words.name} readOnly={Boolean(variable)} autoComplete="off" spellCheck={false} data-autofocus={variable ? undefined : true} {...form.getInputProps('name')} />
      <Textarea label={words.value} description={words.valueHint} autosize minRows={3} maxRows={12} data-autofocus={variable ? true : undefined} {...form.getInputProps('value')} />
      <Switch label={words.readOnly} description={words.readOnlyHint} {...form.getInputProps('read_only', { type: 'checkbox' })} />
    </FormDrawer>
  )
}
