import { Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconDownload, IconFile, IconLink, IconReplace, IconUpload } from '@tabler/icons-react'
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
import { BulkButton, type Column, DataList, DeleteItem, EditItem, type Read, RowItem, shownBy, useListState } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { type AppFile, changed, contentHref, deleteFile, filesQuery, list, readFiles, size } from './data'
import { FileForm, UploadDialog } from './FileForms'

const words = t.files

type Task = { what: 'replace' | 'remove'; file: AppFile }

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(filesQuery(app, shownBy(list, params)))
}

export default function FilesPage() {
  const app = useApp()
  const [picked, pick] = useState<Asked<AppFile, 'delete'>>()
  const state = useListState(list)
  const read: Read<AppFile> = (at, signal) => readFiles(app.id, { ...state, ...at }, signal)
  const answer = useQuery(filesQuery(app.id, state))
  const { open, dialog, show } = useOpened()
  const [task, start] = useState<Task>()
  const last = useLast(task)
  const stop = () => {
    start(undefined)
  }
  const close = () => void show({ open: undefined, dialog: undefined })
  const edit = (file: AppFile) => void show({ open: file.id })
  const upload = (
    <PageButton icon={IconUpload} onClick={() => void show({ dialog: 'upload' })}>
      {words.upload.action}
    </PageButton>
  )
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <PageButton plain icon={IconLink} onClick={() => void show({ dialog: 'link' })}>
            {words.link.action}
          </PageButton>
          {upload}
        </>
      }
    >
      <DataList<AppFile>
        id="files"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(f) => f.id}
        searchHint={words.searchHint}
        empty={{ icon: IconFile, title: words.empty.title, text: words.empty.text, action: upload }}
        save={{ name: 'files', fields: ['id', 'name', 'size', 'sha256', 'link', 'needs_sign_in', 'min_level', 'content_at', 'created_at'], read }}
        onOpen={edit}
        rowMenu={(file) => (
          <>
            <EditItem onClick={() => { edit(file) }} />
            {!file.link && (
              <Menu.Item leftSection={<IconDownload size={16} />} component="a" href={contentHref(app.id, file.id)} download={file.name}>
                {words.download}
              </Menu.Item>
            )}
            <RowItem icon={IconReplace} onClick={() => { start({ what: 'replace', file }) }}>
              {words.upload.replace}
            </RowItem>
            <DeleteItem onClick={() => { start({ what: 'remove', file }) }} />
          </>
        )}
        bulk={(selected, clear) => (
          <BulkButton red onClick={() => { pick({ action: 'delete', selected, clear }) }}>
            {t.common.delete}
          </BulkButton>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? picked ?? task)}>
        <UploadDialog app={app.id} opened={dialog === 'upload'} onClose={close} />
        <UploadDialog app={app.id} opened={task?.what === 'replace'} replaces={last?.what === 'replace' ? last.file : undefined} onClose={stop} />
        <FileForm app={app.id} opened={Boolean(open) || dialog === 'link'} id={open} onClose={close} />
        <DeleteDialog of={task?.what === 'remove' ? task.file : undefined} onClose={stop} words={words.remove} run={(file) => deleteFile(app.id, file.id).finally(() => changed(app.id))} />
        <EachDialog
          asked={picked}
          onClose={() => { pick(undefined) }}
          words={() => words.removeMany}
          read={read}
          text={() => words.remove.text}
          run={(_, { id }) => deleteFile(app.id, id)}
          changed={() => changed(app.id)}
        />
      </Once>
    </Page>
  )
}

const columns: Column<AppFile>[] = [
  { id: 'name', title: words.field.name, width: 260, always: true, card: 'title', render: (f) => f.name },
  { id: 'who', title: words.field.who, width: 120, card: 'side', render: (f) => <Who of={f} /> },
  { id: 'size', title: words.field.size, width: 100, align: 'right', render: (f) => (f.link ? '' : size(f.size)) },
  { id: 'source', title: words.field.source, width: 130, render: (f) => (f.link ? words.linked : words.uploaded) },
  { id: 'id', title: words.field.id, width: 290, render: (f) => <CopyCell value={f.id} what={words.copyId} /> },
  { id: 'updated', title: words.field.updated, width: 140, render: (f) => <Time at={f.content_at} /> },
  { id: 'created', title: words.field.created, width: 140, sort: 'created', hidden: true, card: 'off', render: (f) => <Time at={f.created_at} /> },
  { id: 'sha256', title: words.field.sha256, width: 220, hidden: true, card: 'off', render: (f) => f.sha256 && <CopyCell value={f.sha256} shown={`${f.sha256.slice(0, 16)}…`} what={`${t.common.copy}: ${words.field.sha256}`} /> },
]
