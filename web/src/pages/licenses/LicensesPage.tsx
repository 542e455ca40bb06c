import { Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconKey, IconPlus, IconUpload } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { License } from '@/api/client'
import { subscriptionsQuery, useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useParam } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { DataList, type Selected, shownBy, useListState } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Page } from '@/ui/Page'
import { BulkDialog } from './BulkDialog'
import { columns } from './columns'
import { CreateDrawer } from './create/CreateDrawer'
import { type Action, conditions, exportHref, list, licensesQuery } from './data'
import { Details } from './Details'
import { Filters } from './Filters'
import { ImportDialog } from './ImportDialog'
import { LicenseMenu } from './LicenseMenu'

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
  const open = useParam('open')
  const dialog = useParam('dialog')
  const [asked, ask] = useState<{ action: Action; selected: Selected<License>; clear?: () => unknown }>()
  const navigate = useNavigate()
  const show = (change: { open?: string; dialog?: string }) => navigate({ to: '.', search: ((old: object) => ({ ...old, ...change })) as never, state: true })
  const cols = useMemo(() => columns(subscriptions ?? []), [subscriptions])
  const counts = answer.data?.counts
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => {
        void show({ dialog: 'create' })
      }}
    >
      {words.create.action}
    </Button>
  )
  return (
    <Page
      title={words.title}
      aside={counts && <Counts total={counts.total} notUsed={counts.not_used} used={counts.used} banned={counts.banned} />}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconUpload size={16} />}
            onClick={() => {
              void show({ dialog: 'import' })
            }}
          >
            {words.import.action}
          </Button>
          {create}
        </>
      }
    >
      <DataList<License>
        id="licenses"
        label={words.title}
        state={state}
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
        onOpen={(l) => {
          void show({ open: l.id })
        }}
        rowMenu={(l) => (
          <LicenseMenu
            license={l}
            open={() => {
              void show({ open: l.id })
            }}
            ask={(action) => {
              ask({ action, selected: { kind: 'rows', rows: [l] } })
            }}
          />
        )}
        bulk={(selected, clear) => (
          <Group gap={6}>
            {actions.map((action) => (
              <Button
                key={action}
                size="compact-sm"
                variant="default"
                c={action === 'delete' ? 'red' : undefined}
                onClick={() => {
                  ask({ action, selected, clear })
                }}
              >
                {words.bulk[action]}
              </Button>
            ))}
          </Group>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? asked)}>
        <CreateDrawer
          app={app}
          subscriptions={subscriptions ?? []}
          opened={dialog === 'create' && Boolean(subscriptions)}
          onClose={() => {
            void show({ dialog: undefined })
          }}
        />
        <ImportDialog
          app={app}
          subscriptions={subscriptions ?? []}
          opened={dialog === 'import' && Boolean(subscriptions)}
          onClose={() => {
            void show({ dialog: undefined })
          }}
        />
        <Details
          app={app}
          id={open}
          subscriptions={subscriptions ?? []}
          onClose={() => {
            void show({ open: undefined })
          }}
          ask={(action, license) => {
            // What is deleted cannot stay open.
            const clear = action === 'delete' ? () => show({ open: undefined }) : undefined
            ask({ action, selected: { kind: 'rows', rows: [license] }, clear })
          }}
        />
        <BulkDialog
          app={app.id}
          asked={asked}
          narrowed={conditions(state)}
          onClose={() => {
            ask(undefined)
          }}
        />
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
