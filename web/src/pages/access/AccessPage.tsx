import { useQuery } from '@tanstack/react-query'
import { IconPlus, IconShieldCheck, IconShieldX, IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import { BulkButton, type Column, DataList, DeleteItem, EditItem, FilterSelect, type Selected, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { deleteEntries, entriesQuery, type Entry, list, readEntries, type Which } from './data'
import { EntryForm, kindsOf } from './EntryForm'
import { ImportDialog } from './ImportDialog'

const words = t.access

export const aheadOf =
  (which: Which): Ahead =>
  (app, params) =>
    void queryClient.prefetchQuery(entriesQuery(app, which, shownBy(list, params)))

type Task = { what: 'remove'; selected: Selected<Entry>; clear?: () => void }

/** A blacklist or a whitelist. */
export function AccessPage({ which }: { which: Which }) {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(entriesQuery(app.id, which, state))
  const { open, dialog, show } = useOpened()
  const [task, start] = useState<Task>()
  const last = useLast(task)
  const black = which === 'blacklists'
  const part = black ? words.black : words.white
  const stop = () => {
    start(undefined)
  }
  const close = () => void show({ open: undefined, dialog: undefined })
  const edit = (entry: Entry) => void show({ open: entry.id })
  const create = (
    <PageButton icon={IconPlus} onClick={() => void show({ dialog: 'create' })}>
      {words.create.action}
    </PageButton>
  )
  return (
    <Page
      title={part.title}
      lead={part.lead}
      actions={
        <>
          <PageButton plain icon={IconUpload} onClick={() => void show({ dialog: 'import' })}>
            {words.import.action}
          </PageButton>
          {create}
        </>
      }
    >
      <DataList<Entry>
        id={which}
        label={part.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(e) => e.id}
        searchHint={words.searchHint}
        filters={
          <FilterSelect
            state={state}
            name="kind"
            label={words.field.kind}
            any={words.anyKind}
            data={kindsOf[which].map((k) => ({ value: k, label: words.kind[k] ?? k }))}
            w={170}
          />
        }
        empty={{ icon: black ? IconShieldX : IconShieldCheck, ...(black ? words.empty.black : words.empty.white), action: create }}
        save={{ name: which, fields: ['id', 'kind', 'value', 'reason', 'user_id', 'expires_at', 'created_at', 'created_by'], read: (at, signal) => readEntries(app.id, which, { ...state, ...at }, signal) }}
        onOpen={edit}
        rowMenu={(entry) => (
          <>
            <EditItem onClick={() => { edit(entry) }} />
            <DeleteItem onClick={() => { start({ what: 'remove', selected: { kind: 'rows', rows: [entry] } }) }} />
          </>
        )}
        bulk={(selected, clear) => (
          <BulkButton red onClick={() => { start({ what: 'remove', selected, clear }) }}>
            {words.pick}
          </BulkButton>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? task)}>
        <ImportDialog app={app.id} which={which} opened={dialog === 'import'} onClose={close} />
        <EntryForm app={app.id} which={which} opened={Boolean(open) || dialog === 'create'} id={open} onClose={close} />
        {last && (
          <ActionDialog
            opened={Boolean(task)}
            onClose={stop}
            title={words.remove.title(last.selected.kind === 'rows' ? last.selected.rows.length : undefined)}
            text={words.remove.text}
            danger
            label={(p) => words.remove.submit(p?.changes)}
            preview={{
              key: [app.id, which, 'delete', last.selected.kind === 'rows' ? last.selected.rows.map((e) => e.id) : [state.search, state.filters]],
              load: async (signal) => {
                const n = await deleteEntries(app.id, which, last.selected, state, true, signal)
                return { changes: n, lines: [n === 0 ? words.remove.nothing : words.remove.will(n)] }
              },
            }}
            run={async () => {
              done(words.remove.done(await deleteEntries(app.id, which, last.selected, state, false)))
              last.clear?.()
            }}
          />
        )}
      </Once>
    </Page>
  )
}

const columns: Column<Entry>[] = [
  { id: 'value', title: words.field.value, width: 280, always: true, card: 'title', render: (e) => <CopyCell value={e.value} what={`${t.common.copy}: ${words.field.value}`} /> },
  { id: 'kind', title: words.field.kind, width: 150, card: 'side', render: (e) => words.kind[e.kind] ?? e.kind },
  {
    id: 'reason',
    title: words.field.reason,
    width: 220,
    render: (e) => e.reason && <Cut most={320}>{e.reason}</Cut>,
  },
  { id: 'from', title: words.field.from, width: 80, render: (e) => e.user_id && words.byBan },
  { id: 'expires', title: words.field.expires, width: 120, render: (e) => (e.expires_at ? <Time at={e.expires_at} /> : t.common.never) },
  { id: 'created', title: words.field.created, width: 140, sort: 'created', card: 'off', render: (e) => <Time at={e.created_at} /> },
]
