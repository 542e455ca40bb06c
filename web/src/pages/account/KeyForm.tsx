import { Button, Checkbox, Group, MultiSelect, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { App } from '@/api/client'
import { useAccount } from '@/app/session'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { type APIKey, createKey, updateKey } from './data'
import { permissionGroups } from './permissions'

const words = t.account.keys.create

interface Values {
  name: string
  permissions: string[]
  app_ids: string[]
  expires: string
}

const fresh: Values = { name: '', permissions: [], app_ids: [], expires: '' }

interface Props {
  apps: App[]
  opened: boolean
  /** A key to edit, with its tag; none makes one. */
  edited?: { value: APIKey; tag: string }
  onClose: () => void
  made: (key: string) => void
}

// What a field for a day says of a moment, in this browser's time.
const dayOf = (at: string | undefined) => (at ? new Date(new Date(at).getTime() - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 10) : '')

/** Makes an API key, or edits one. */
export function KeyForm({ apps, opened, edited, onClose, made }: Props) {
  const me = useAccount()
  const groups = permissionGroups.filter(([group]) => group !== 'administrator' || me?.administrator)
  const form = useForm<Values>({
    initialValues: fresh,
    validateInputOnChange: true,
    validate: {
      name: (v) => (v.trim() === '' ? words.nameNeeded : [...v].length > 70 ? t.common.atMost(70) : null),
      permissions: (v) => (v.length === 0 ? words.needed : null),
    },
  })
  useFilled(form, opened, () => (edited ? { name: edited.value.name, permissions: edited.value.permissions, app_ids: edited.value.app_ids, expires: dayOf(edited.value.expires_at) } : fresh))
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={edited ? t.account.keys.edit.title : words.title}
      label={edited ? t.common.save : words.submit}
      form={form}
      fields={{ expires_at: 'expires' }}
      submit={async (v) => {
        const expires_at = v.expires ? (new Date(`${v.expires}T00:00:00`).toISOString() as never) : undefined
        const body = { name: v.name.trim(), permissions: v.permissions as never }
        if (edited) {
          // The day says less than the moment did: it is sent only if it was changed.
          const kept = v.expires === dayOf(edited.value.expires_at)
          await updateKey(edited.value.id, edited.tag, { ...body, app_ids: v.app_ids, ...(kept ? {} : { expires_at: expires_at ?? null }) })
          done(t.common.saved)
          onClose()
          return
        }
        const key = await createKey({ ...body, app_ids: v.app_ids.length > 0 ? v.app_ids : undefined, expires_at })
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
