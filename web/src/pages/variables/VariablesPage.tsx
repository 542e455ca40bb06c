import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconPencil, IconPlus, IconTrash, IconVariable } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useParam } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Who } from '@/ui/Gate'
import { type Column, DataList, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { deleteVariable, type Variable, variablesQuery } from './data'
import { VariableForm } from './VariableForm'

const words = t.variables

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(variablesQuery(app, shownBy({}, params)))
}

export default function VariablesPage() {
  const app = useApp()
  const state = useListState()
  const answer = useQuery(variablesQuery(app.id, state))
  const open = useParam('open')
  const dialog = useParam('dialog')
  const navigate = useNavigate()
  const show = (change: { open?: string; dialog?: string }) => void navigate({ to: '.', search: ((old: object) => ({ ...old, ...change })) as never, state: true })
  const [removing, remove] = useState<Variable>()
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => {
        show({ dialog: 'create' })
      }}
    >
      {words.create.action}
    </Button>
  )
  return (
    <Page title={words.title} lead={words.lead} actions={create}>
      <DataList<Variable>
        id="variables"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(v) => v.id}
        searchHint={words.searchHint}
        empty={{ icon: IconVariable, title: words.empty.title, text: words.empty.text, action: create }}
        onOpen={(v) => {
          show({ open: v.id })
        }}
        rowMenu={(v) => (
          <>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              onClick={() => {
                show({ open: v.id })
              }}
            >
              {t.common.edit}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => {
                remove(v)
              }}
            >
              {t.common.delete}
            </Menu.Item>
          </>
        )}
      />
      <VariableForm
        app={app.id}
        opened={Boolean(open) || dialog === 'create'}
        id={open}
        onClose={() => {
          show({ open: undefined, dialog: undefined })
        }}
      />
      <ActionDialog
        opened={Boolean(removing)}
        onClose={() => {
          remove(undefined)
        }}
        title={words.remove.title(removing?.name ?? '')}
        text={words.remove.text}
        danger
        label={() => words.remove.submit}
        run={async () => {
          if (!removing) return
          await deleteVariable(app.id, removing.id)
          done(words.remove.done)
        }}
      />
    </Page>
  )
}

const columns: Column<Variable>[] = [
  { id: 'name', title: words.field.name, width: 320, always: true, card: 'title', render: (v) => <CopyCell value={v.name} what={`${t.common.copy}: ${words.field.name}`} /> },
  { id: 'who', title: words.field.who, width: 130, card: 'side', render: (v) => <Who of={v} /> },
  { id: 'size', title: words.field.size, width: 120, align: 'right', render: (v) => words.bytes(v.size) },
  { id: 'updated', title: words.field.updated, width: 140, render: (v) => <Time at={v.updated_at} /> },
  { id: 'created', title: words.field.created, width: 140, hidden: true, card: 'off', render: (v) => <Time at={v.created_at} /> },
  { id: 'id', title: words.field.id, width: 280, hidden: true, card: 'off', render: (v) => <CopyCell value={v.id} what={`${t.common.copy}: ${words.field.id}`} /> },
]
