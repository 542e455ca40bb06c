import { Button, Menu, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconPencil, IconPlus, IconShieldCheck, IconShieldX, IconTrash, IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import { type Column, DataList, type Selected, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { deleteEntries, entriesQuery, type Entry, list, type Which } from './data'
import { EntryForm, kindsOf } from './EntryForm'
import { ImportDialog } from './ImportDialog'

const words = t.access

export const aheadOf =
  (which: Which): Ahead =>
  (app, params) =>
    void queryClient.prefetchQuery(entriesQuery(app, which, shownBy(list, params)))

/** A blacklist or a whitelist. */
export function AccessPage({ which }: { which: Which }) {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(entriesQuery(app.id, which, state))
  const [importing, start] = useState(false)
  const [form, edit] = useState<{ entry?: Entry }>()
  const [asked, ask] = useState<{ selected: Selected<Entry>; clear?: () => void }>()
  const black = which === 'blacklists'
  const part = black ? words.black : words.white
  const picked = asked?.selected.kind === 'rows' ? asked.selected.rows.length : undefined
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => {
        edit({})
      }}
    >
      {words.create.action}
    </Button>
  )
  return (
    <Page title={part.title} lead={part.lead} actions={
        <>
          <Button
            variant="default"
            leftSection={<IconUpload size={16} />}
            onClick={() => {
              start(true)
            }}
          >
            {words.import.action}
          </Button>
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
          <Select
            aria-label={words.field.kind}
            placeholder={words.anyKind}
            value={state.filters.kind || null}
            onChange={(v) => {
              state.setFilter('kind', v ?? '')
            }}
            data={kindsOf[which].map((k) => ({ value: k, label: words.kind[k] ?? k }))}
            clearable
            w={170}
          />
        }
        empty={{ icon: black ? IconShieldX : IconShieldCheck, ...(black ? words.empty.black : words.empty.white), action: create }}
        onOpen={(entry) => {
          edit({ entry })
        }}
        rowMenu={(entry) => (
          <>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              onClick={() => {
                edit({ entry })
              }}
            >
              {t.common.edit}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => {
                ask({ selected: { kind: 'rows', rows: [entry] } })
              }}
            >
              {t.common.delete}
            </Menu.Item>
          </>
        )}
        bulk={(selected, clear) => (
          <Button
            size="compact-sm"
            variant="default"
            c="red"
            onClick={() => {
              ask({ selected, clear })
            }}
          >
            {words.pick}
          </Button>
        )}
      />
      <ImportDialog
        app={app.id}
        which={which}
        opened={importing}
        onClose={() => {
          start(false)
        }}
      />
      <EntryForm
        app={app.id}
        which={which}
        opened={Boolean(form)}
        entry={form?.entry}
        onClose={() => {
          edit(undefined)
        }}
      />
      <ActionDialog
        opened={Boolean(asked)}
        onClose={() => {
          ask(undefined)
        }}
        title={words.remove.title(picked)}
        text={words.remove.text}
        danger
        label={(p) => words.remove.submit(p?.changes)}
        preview={{
          key: [app.id, which, 'delete', asked?.selected.kind === 'rows' ? asked.selected.rows.map((e) => e.id) : [state.search, state.filters]],
          load: async (signal) => {
            const n = asked ? await deleteEntries(app.id, which, asked.selected, state, true, signal) : 0
            return { changes: n, lines: [n === 0 ? words.remove.nothing : words.remove.will(n)] }
          },
        }}
        run={async () => {
          if (!asked) return
          done(words.remove.done(await deleteEntries(app.id, which, asked.selected, state, false)))
          asked.clear?.()
        }}
      />
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
  { id: 'created', title: words.field.created, width: 140, card: 'off', render: (e) => <Time at={e.created_at} /> },
]
