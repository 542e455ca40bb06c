import { useQuery } from '@tanstack/react-query'
import { IconPlus, IconVariable } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import type { Asked } from '@/ui/BulkDialog'
import { CopyCell } from '@/ui/Copy'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { EachDialog } from '@/ui/EachDialog'
import { Who } from '@/ui/Gate'
import { BulkButton, type Column, DataList, DeleteItem, EditItem, type Read, shownBy, useListState } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { changed, deleteVariable, list, readVariables, type Variable, variablesQuery } from './data'
import { VariableForm } from './VariableForm'

const words = t.variables

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(variablesQuery(app, shownBy(list, params)))
}

export default function VariablesPage() {
  const app = useApp()
  const [picked, pick] = useState<Asked<Variable, 'delete'>>()
  const state = useListState(list)
  const read: Read<Variable> = (at, signal) => readVariables(app.id, { ...state, ...at }, signal)
  const answer = useQuery(variablesQuery(app.id, state))
  const { open, dialog, show } = useOpened()
  const [removing, remove] = useState<Variable>()
  const edit = (v: Variable) => void show({ open: v.id })
  const create = (
    <PageButton icon={IconPlus} onClick={() => void show({ dialog: 'create' })}>
      {words.create.action}
    </PageButton>
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
        save={{ name: 'variables', fields: ['id', 'name', 'size', 'needs_sign_in', 'min_level', 'created_at', 'updated_at'], read }}
        onOpen={edit}
        rowMenu={(v) => (
          <>
            <EditItem onClick={() => { edit(v) }} />
            <DeleteItem onClick={() => { remove(v) }} />
          </>
        )}
        bulk={(selected, clear) => (
          <BulkButton red onClick={() => { pick({ action: 'delete', selected, clear }) }}>
            {t.common.delete}
          </BulkButton>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? picked ?? removing)}>
        <VariableForm app={app.id} opened={Boolean(open) || dialog === 'create'} id={open} onClose={() => void show({ open: undefined, dialog: undefined })} />
        <DeleteDialog of={removing} onClose={() => { remove(undefined) }} words={words.remove} run={(v) => deleteVariable(app.id, v.id).finally(() => changed(app.id))} />
        <EachDialog
          asked={picked}
          onClose={() => { pick(undefined) }}
          words={() => words.removeMany}
          read={read}
          text={() => words.remove.text}
          run={(_, { id }) => deleteVariable(app.id, id)}
          changed={() => changed(app.id)}
        />
      </Once>
    </Page>
  )
}

const columns: Column<Variable>[] = [
  { id: 'name', title: words.field.name, width: 320, sort: 'name', rises: true, always: true, card: 'title', render: (v) => <CopyCell value={v.name} what={`${t.common.copy}: ${words.field.name}`} /> },
  { id: 'who', title: words.field.who, width: 130, card: 'side', render: (v) => <Who of={v} /> },
  { id: 'size', title: words.field.size, width: 120, align: 'right', render: (v) => words.bytes(v.size) },
  { id: 'updated', title: words.field.updated, width: 140, render: (v) => <Time at={v.updated_at} /> },
  { id: 'created', title: words.field.created, width: 140, hidden: true, card: 'off', render: (v) => <Time at={v.created_at} /> },
  { id: 'id', title: words.field.id, width: 280, hidden: true, card: 'off', render: (v) => <CopyCell value={v.id} what={`${t.common.copy}: ${words.field.id}`} /> },
]
