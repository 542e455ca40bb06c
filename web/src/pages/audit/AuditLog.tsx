import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconHistory, IconListDetails, IconTarget, IconUser } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useAccount } from '@/app/session'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { Drawer } from '@/ui/Layer'
import { type Column, DataList, RowItem, useListState } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Time } from '@/ui/Time'
import classes from './audit.module.css'
import { auditQuery, exportHref, list } from './data'
import { Entry } from './Entry'
import { Filters } from './Filters'
import { type Event, inWords, nameOf, sentence, whoOf } from './sentence'

const words = t.audit

/** The log of an application, or with '' the server's own. */
export function AuditLog({ app, label }: { app: string; label: string }) {
  const me = useAccount()
  const state = useListState(list)
  const [open, show] = useState<Event>()
  const answer = useQuery(auditQuery(app, state))
  const columns = useMemo(() => columnsFor(me?.id), [me?.id])
  const { actor, target } = state.filters
  const rows = answer.data?.rows ?? []
  // What an id is called stands in the entries that it leaves.
  const named = (id: string) => rows.map((e) => (e.names?.[id] ? nameOf(e, id) : '')).find(Boolean) ?? id
  return (
    <>
      <DataList<Event>
        id={app ? 'audit' : 'server-audit'}
        label={label}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(e) => String(e.seq)}
        searchHint={words.searchHint}
        filters={
          <>
            <Filters state={state} server={!app} />
            {actor && <Chip text={words.byActor(actor === me?.id ? words.you : named(actor))} remove={() => { state.setFilter('actor', '') }} />}
            {target && <Chip text={words.ofTarget(named(target))} remove={() => { state.setFilter('target', '') }} />}
          </>
        }
        exports={(['csv', 'json', 'ndjson'] as const).map((format) => ({ label: words.export[format], href: exportHref(app, state, format) }))}
        empty={{ icon: IconHistory, title: words.empty.title, text: words.empty.text }}
        onOpen={show}
        rowMenu={(e) => (
          <>
            <RowItem icon={IconListDetails} onClick={() => { show(e) }}>
              {t.common.details}
            </RowItem>
            {e.actor_id && (
              <RowItem icon={IconUser} onClick={() => { state.setFilter('actor', e.actor_id ?? '') }}>
                {words.onlyActor}
              </RowItem>
            )}
            {e.target_id && (
              <RowItem icon={IconTarget} onClick={() => { state.setFilter('target', e.target_id ?? '') }}>
                {words.onlyTarget}
              </RowItem>
            )}
          </>
        )}
      />
      <Once when={Boolean(open)}>
        <Drawer opened={Boolean(open)} onClose={() => { show(undefined) }} title={words.entry} size="lg">
          {open && <Entry app={app} event={open} />}
        </Drawer>
      </Once>
    </>
  )
}

function Chip({ text, remove }: { text: string; remove: () => void }) {
  return (
    <Button variant="light" size="compact-md" onClick={remove}>
      <bdi>{text}</bdi>&nbsp;×
    </Button>
  )
}

const columnsFor = (me?: string): Column<Event>[] => [
  { id: 'at', title: words.field.at, width: 140, always: true, sort: 'at', card: 'side', render: (e) => <Time at={e.at} /> },
  {
    id: 'what',
    title: words.field.what,
    width: 560,
    always: true,
    card: 'title',
    name: (e) => inWords(e, me),
    render: (e) => (
      <span className={classes.sentence} title={inWords(e, me)}>
        <b>
          <bdi>{whoOf(e, me)}</bdi>
        </b>{' '}
        {sentence(e).map((p, i) =>
          typeof p === 'string' ? (
            <bdi key={i}>{p}</bdi>
          ) : (
            <b key={i}>
              <bdi>{p.name}</bdi>
            </b>
          ),
        )}
      </span>
    ),
  },
  { id: 'action', title: words.field.action, width: 210, hidden: true, card: 'off', render: (e) => (words.actions as Partial<typeof words.actions>)[e.action]?.[0] ?? e.action },
  { id: 'ip', title: words.field.ip, width: 150, card: 'off', render: (e) => e.ip },
  { id: 'seq', title: words.field.seq, width: 80, hidden: true, card: 'off', align: 'right', render: (e) => number(e.seq) },
]
