import { Button, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { appsQuery } from '@/app/apps'
import { t } from '@/strings'
import type { Asked } from '@/ui/BulkDialog'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { EachDialog } from '@/ui/EachDialog'
import { Modal } from '@/ui/Layer'
import { BulkButton, type Column, DataList, EditItem, pageOf, type Read, RowItem, useListState } from '@/ui/list'
import { failed } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { PageButton } from '@/ui/Page'
import { Secret } from '@/ui/Secret'
import { Time } from '@/ui/Time'
import { type APIKey, keysChanged, keysQuery, readKey, revokeKey, revokeOne } from './data'
import { KeyForm } from './KeyForm'

const words = t.account.keys
const list = { sorts: ['-created', 'created', 'name', '-name'] }

/** The API keys of the account. */
export function Keys() {
  const state = useListState(list)
  const keys = useQuery(keysQuery)
  const { data: apps = [] } = useQuery(appsQuery)
  const [making, make] = useState<{ edited?: { value: APIKey; tag: string } }>()
  const [made, show] = useState<string>()
  const [removing, remove] = useState<APIKey>()
  const edit = (k: APIKey) => {
    readKey(k.id).then((edited) => {
      make({ edited })
    }, failed)
  }
  const [picked, pick] = useState<Asked<APIKey, 'revoke'>>()
  const { data } = keys
  const rows = useMemo(() => arrange(data ?? [], state.search, state.sort), [data, state.search, state.sort])
  const read: Read<APIKey> = (at) => Promise.resolve(pageOf(rows, at))
  const answer = { ...keys, data: data && pageOf(rows, state) }
  const create = (
    <PageButton icon={IconPlus} onClick={() => { make({}) }}>
      {words.action}
    </PageButton>
  )
  const columns: Column<APIKey>[] = [
    { id: 'name', title: words.field.name, width: 200, always: true, card: 'title', sort: 'name', rises: true, render: (k) => k.name },
    { id: 'key', title: words.field.key, width: 100, card: 'side', render: (k) => <code>…{k.last4}</code> },
    { id: 'rights', title: words.field.rights, width: 160, render: (k) => <span title={k.permissions.join(', ')}>{words.rights(k.permissions.length)}</span> },
    {
      id: 'apps',
      title: words.field.apps,
      width: 200,
      render: (k) => (k.app_ids.length === 0 ? words.allApps : k.app_ids.map((id) => apps.find((a) => a.id === id)?.name ?? id).join(', ')),
    },
    { id: 'used', title: words.field.used, width: 140, render: (k) => (k.last_used_at ? <Time at={k.last_used_at} /> : t.common.never) },
    { id: 'expires', title: words.field.expires, width: 140, render: (k) => (k.expires_at ? <Time at={k.expires_at} /> : t.common.never) },
    { id: 'created', title: words.field.created, width: 140, card: 'off', sort: 'created', render: (k) => <Time at={k.created_at} /> },
  ]
  return (
    <Stack gap="sm">
      <Text c="dimmed">{words.lead}</Text>
      {data && data.length > 0 && <div>{create}</div>}
      <DataList<APIKey>
        id="api-keys"
        label={t.account.tabs.keys}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(k) => k.id}
        searchHint={words.searchHint}
        save={{ name: 'api-keys', fields: ['id', 'name', 'last4', 'permissions', 'app_ids', 'last_used_at', 'expires_at', 'created_at'], read }}
        bulk={(selected, clear) => (
          <BulkButton red onClick={() => { pick({ action: 'revoke', selected, clear }) }}>
            {words.remove.action}
          </BulkButton>
        )}
        empty={{ icon: IconKey, title: words.empty.title, text: words.empty.text, action: create }}
        onOpen={edit}
        rowMenu={(k) => (
          <>
            <EditItem onClick={() => { edit(k) }}>{words.edit.action}</EditItem>
            <RowItem red icon={IconTrash} onClick={() => { remove(k) }}>
              {words.remove.action}
            </RowItem>
          </>
        )}
      />
      <Once when={Boolean(making)}>
        <KeyForm apps={apps} opened={Boolean(making)} edited={making?.edited} onClose={() => { make(undefined) }} made={show} />
      </Once>
      <Modal
        opened={Boolean(made)}
        onClose={() => {
          show(undefined)
        }}
        title={words.made.title}
        closeOnClickOutside={false}
      >
        <Stack>
          <Text>{words.made.text}</Text>
          <Secret label={words.made.label} value={made ?? ''} shown />
          <Button
            onClick={() => {
              show(undefined)
            }}
          >
            {words.made.done}
          </Button>
        </Stack>
      </Modal>
      <Once when={Boolean(picked)}>
        <EachDialog
          asked={picked}
          onClose={() => { pick(undefined) }}
          words={() => words.removeMany}
          read={read}
          text={() => words.remove.text}
          run={(_, { id }) => revokeOne(id)}
          changed={keysChanged}
        />
      </Once>
      <DeleteDialog of={removing} onClose={() => { remove(undefined) }} words={words.remove} run={(k) => revokeKey(k.id)} />
    </Stack>
  )
}

/** All keys are here: they are found and sorted here as well. */
function arrange(keys: APIKey[], search: string, sort: string): APIKey[] {
  const q = search.toLowerCase()
  const found = keys.filter((k) => k.name.toLowerCase().includes(q) || k.last4 === search || k.id === search)
  const by = sort.endsWith('created') ? (a: APIKey, b: APIKey) => a.created_at.localeCompare(b.created_at) : (a: APIKey, b: APIKey) => a.name.localeCompare(b.name)
  return found.sort(sort.startsWith('-') ? (a, b) => by(b, a) : by)
}
