import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconKey, IconPlus, IconUpload } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { License } from '@/api/client'
import { subscriptionsQuery, useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import type { Asked } from '@/ui/BulkDialog'
import { BulkButton, DataList, shownBy, useListState } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { columns } from './columns'
import { CreateDrawer } from './create/CreateDrawer'
import { type Action, conditions, exportHref, list, licensesQuery, sortOf } from './data'
import { Details } from './Details'
import { Filters } from './Filters'
import { ImportLicenses } from './ImportDialog'
import { LicenseMenu } from './LicenseMenu'
import { LicensesDialog } from './LicensesDialog'

const actions: Action[] = ['extend', 'ban', 'unban', 'delete']
const words = t.licenses

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(licensesQuery(app, shownBy(list, params)))
  void queryClient.prefetchQuery(subscriptionsQuery(app))
}

export default function LicensesPage() {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(licensesQuery(app.id, state))
  const { data: subscriptions } = useQuery(subscriptionsQuery(app.id))
  const { open, dialog, show } = useOpened()
  const [asked, ask] = useState<Asked<License, Action>>()
  const cols = useMemo(() => columns(subscriptions ?? [], state.filters.status === 'used'), [subscriptions, state.filters.status])
  const counts = answer.data?.counts
  const close = () => void show({ dialog: undefined })
  const create = (
    <PageButton icon={IconPlus} onClick={() => void show({ dialog: 'create' })}>
      {words.create.action}
    </PageButton>
  )
  return (
    <Page
      title={words.title}
      aside={counts && <Counts total={counts.total} notUsed={counts.not_used} used={counts.used} banned={counts.banned} />}
      actions={
        <>
          <PageButton plain icon={IconUpload} onClick={() => void show({ dialog: 'import' })}>
            {words.import.action}
          </PageButton>
          {create}
        </>
      }
    >
      <DataList<License>
        id="licenses"
        label={words.title}
        state={{ ...state, sort: sortOf(state) }}
        answer={answer}
        columns={cols}
        rowId={rowId}
        searchHint={words.searchHint}
        filters={<Filters state={state} subscriptions={subscriptions ?? []} />}
        empty={{ icon: IconKey, title: words.empty.title, text: words.empty.text, action: create }}
        exports={[
          { label: words.export.txt, href: exportHref(app.id, state, 'txt') },
          { label: words.export.csv, href: exportHref(app.id, state, 'csv') },
          { label: words.export.json, href: exportHref(app.id, state, 'json') },
        ]}
        onOpen={(l) => void show({ open: l.id })}
        rowMenu={(l) => (
          <LicenseMenu
            license={l}
            open={() => void show({ open: l.id })}
            ask={(action) => {
              ask({ action, selected: { kind: 'rows', rows: [l] } })
            }}
          />
        )}
        bulk={(selected, clear) => (
          <Group gap={6}>
            {actions.map((action) => (
              <BulkButton key={action} red={action === 'delete'} onClick={() => { ask({ action, selected, clear }) }}>
                {words.bulk[action]}
              </BulkButton>
            ))}
          </Group>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? asked)}>
        <CreateDrawer app={app} subscriptions={subscriptions ?? []} opened={dialog === 'create' && Boolean(subscriptions)} onClose={close} />
        <ImportLicenses app={app} subscriptions={subscriptions ?? []} opened={dialog === 'import' && Boolean(subscriptions)} onClose={close} />
        <Details
          app={app}
          id={open}
          subscriptions={subscriptions ?? []}
          onClose={() => void show({ open: undefined })}
          ask={(action, license) => {
            // What is deleted cannot stay open.
            const clear = action === 'delete' ? () => show({ open: undefined }) : undefined
            ask({ action, selected: { kind: 'rows', rows: [license] }, clear })
          }}
        />
        <LicensesDialog app={app.id} asked={asked} narrowed={conditions(state)} onClose={() => { ask(undefined) }} />
      </Once>
    </Page>
  )
}

const rowId = (l: License) => l.id

function Counts({ total, notUsed, used, banned }: { total: number; notUsed: number; used: number; banned: number }) {
  return (
    <Text c="dimmed" size="sm" title={`${words.status.not_used} ${number(notUsed)} · ${words.status.used} ${number(used)} · ${words.status.banned} ${number(banned)}`}>
      {number(total)}
    </Text>
  )
}
