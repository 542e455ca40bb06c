import { Button, Checkbox, Group, MultiSelect, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect } from 'react'
import type { App } from '@/api/client'
import { useAccount } from '@/app/session'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { createKey } from './data'
import { permissionGroups } from './permissions'

const words = t.account.keys.create

interface Values {
  name: string
  permissions: string[]
  app_ids: string[]
  expires: string
}

const fresh: Values = { name: '', permissions: [], app_ids: [], expires: '' }

/** Makes an API key. */
export function KeyForm({ apps, opened, onClose, made }: { apps: App[]; opened: boolean; onClose: () => void; made: (key: string) => void }) {
  const me = useAccount()
  const groups = permissionGroups.filter(([group]) => group !== 'administrator' || me?.administrator)
  const form = useForm<Values>({
    initialValues: fresh,
    validate: {
      name: (v) => (v.trim() === '' ? words.nameNeeded : [...v].length > 70 ? t.common.atMost(70) : null),
      permissions: (v) => (v.length === 0 ? words.needed : null),
    },
  })
  const { setValues, clearErrors } = form
  useEffect(() => {
    if (!opened) return
    setValues(fresh)
    clearErrors()
    // Only when it opens: what is typed is not to be overwritten.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [opened])
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={words.title}
      label={words.submit}
      form={form}
      fields={{ expires_at: 'expires' }}
      submit={async (v) => {
        const key = await createKey({
          name: v.name.trim(),
          permissions: v.permissions as never,
          app_ids: v.app_ids.length > 0 ? v.app_ids : undefined,
          expires_at: v.expires ? (new Date(`${v.expires}T00:00:00`).toISOString() as never) : undefined,
        })
        onClose()
        made(key)
      }}
    >
      <TextInput label={words.name} description={words.nameHint} data-autofocus autoComplete="off" {...form.getInputProps('name')} />
      <Checkbox.Group label={words.rights} {...form.getInputProps('permissions')}>
        <Group gap="xs" my="xs">
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => {
              form.setFieldValue('permissions', groups.flatMap(([, list]) => list))
            }}
          >
            {words.all}
          </Button>
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => {
              form.setFieldValue('permissions', [])
            }}
          >
            {words.none}
          </Button>
        </Group>
        <SimpleGrid cols={2} spacing="md">
          {groups.map(([group, list]) => (
            <Stack key={group} gap="xs">
              {list.map((p) => (
                <Checkbox key={p} value={p} label={p} />
              ))}
            </Stack>
          ))}
        </SimpleGrid>
      </Checkbox.Group>
      <MultiSelect label={words.apps} description={words.appsHint} data={apps.map((a) => ({ value: a.id, label: a.name }))} clearable searchable {...form.getInputProps('app_ids')} />
      <TextInput type="date" label={words.expires} description={words.expiresHint} {...form.getInputProps('expires')} />
    </FormDrawer>
  )
}
