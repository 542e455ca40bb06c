import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconDownload, IconFile, IconLink, IconPencil, IconReplace, IconTrash, IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Who } from '@/ui/Gate'
import { type Column, DataList, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { type AppFile, contentHref, deleteFile, filesQuery, size } from './data'
import { FileForm, UploadDialog } from './FileForms'

const words = t.files

type Task = { what: 'upload' } | { what: 'link' } | { what: 'edit' | 'replace' | 'remove'; file: AppFile }

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(filesQuery(app, shownBy({}, params)))
}

export default function FilesPage() {
  const app = useApp()
  const state = useListState()
  const answer = useQuery(filesQuery(app.id, state))
  const [task, start] = useState<Task>()
  const stop = () => {
    start(undefined)
  }
  const file = task && 'file' in task ? task.file : undefined
  const upload = (
    <Button
      leftSection={<IconUpload size={16} />}
      onClick={() => {
        start({ what: 'upload' })
      }}
    >
      {words.upload.action}
    </Button>
  )
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconLink size={16} />}
            onClick={() => {
              start({ what: 'link' })
            }}
          >
            {words.link.action}
          </Button>
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
        onOpen={(f) => {
          start({ what: 'edit', file: f })
        }}
        rowMenu={(f) => (
          <>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              onClick={() => {
                start({ what: 'edit', file: f })
              }}
            >
              {t.common.edit}
            </Menu.Item>
            {!f.link && (
              <Menu.Item leftSection={<IconDownload size={16} />} component="a" href={contentHref(app.id, f.id)} download={f.name}>
                {words.download}
              </Menu.Item>
            )}
            <Menu.Item
              leftSection={<IconReplace size={16} />}
              onClick={() => {
                start({ what: 'replace', file: f })
              }}
            >
              {words.upload.replace}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => {
                start({ what: 'remove', file: f })
              }}
            >
              {t.common.delete}
            </Menu.Item>
          </>
        )}
      />
      <UploadDialog app={app.id} opened={task?.what === 'upload' || task?.what === 'replace'} replaces={file} onClose={stop} />
      <FileForm app={app.id} opened={task?.what === 'link' || task?.what === 'edit'} file={file} onClose={stop} />
      <ActionDialog
        opened={task?.what === 'remove'}
        onClose={stop}
        title={words.remove.title(file?.name ?? '')}
        text={words.remove.text}
        danger
        label={() => words.remove.submit}
        run={async () => {
          if (!file) return
          await deleteFile(app.id, file.id)
          done(words.remove.done)
        }}
      />
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
  { id: 'sha256', title: words.field.sha256, width: 220, hidden: true, card: 'off', render: (f) => f.sha256 && <CopyCell value={f.sha256} shown={`${f.sha256.slice(0, 16)}…`} what={`${t.common.copy}: ${words.field.sha256}`} /> },
]
