import { Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { api, type App, take } from '@/api/client'
import { isProblem } from '@/api/problem'
import { appPath } from '@/app/pages'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import type { Asked } from '@/ui/BulkDialog'
import { EachDialog } from '@/ui/EachDialog'
import { FormDrawer } from '@/ui/FormDrawer'
import type { Read } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import { useLast } from '@/ui/useLast'
import { appsChanged, cloneApp, createApp, deleteApp, nameFault, renameApp, type Switch, switchable, switchApp, switchOne } from './data'

export type NameTask = { kind: 'create' } | { kind: 'rename' | 'clone'; app: App }

const words = t.apps

/** New, cloned or renamed: all that is asked for is a name. */
export function NameDialog({ task, onClose }: { task?: NameTask; onClose: () => void }) {
  const shown = useLast(task)
  return shown ? <Named key={shown.kind + (shown.kind === 'create' ? '' : shown.app.id)} task={shown} opened={Boolean(task)} onClose={onClose} /> : null
}

function Named({ task, opened, onClose }: { task: NameTask; opened: boolean; onClose: () => void }) {
  const navigate = useNavigate()
  const begin = task.kind === 'create' ? '' : task.kind === 'rename' ? task.app.name : words.clone.suggestion(task.app.name)
  const form = useForm({
    initialValues: { name: begin },
    validateInputOnChange: true,
    validate: { name: (v) => nameFault(v, t.common.required, t.common.atMost(70)) },
  })
  const close = () => {
    form.reset()
    onClose()
  }
  const submit = async ({ name }: { name: string }) => {
    const text = name.trim()
    if (task.kind === 'rename') {
      await renameApp(task.app.id, text)
      done(words.rename.done)
      close()
      return
    }
    const app = task.kind === 'create' ? await createApp(text) : await cloneApp(task.app.id, text)
    done(words.create.done(app.name))
    close()
    await navigate({ to: appPath(app.id) })
  }
  const part = task.kind === 'create' ? words.create : task.kind === 'rename' ? words.rename : words.clone
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={close}
      title={task.kind === 'clone' ? words.clone.title(task.app.name) : task.kind === 'rename' ? words.rename.title : words.create.title}
      label={part.submit}
      form={form}
      submit={submit}
    >
      {task.kind === 'clone' && <Text>{words.clone.text}</Text>}
      {task.kind === 'rename' && <Text>{words.rename.text}</Text>}
      <TextInput
        label={task.kind === 'clone' ? words.clone.name : words.create.name}
        description={task.kind === 'create' ? words.create.nameHint : undefined}
        data-autofocus
        autoComplete="off"
        {...form.getInputProps('name')}
      />
    </FormDrawer>
  )
}

/** Pauses or disables an application; either can be undone. */
export function StopApp({ asked, onClose }: { asked?: { app: App; how: 'pause' | 'disable' }; onClose: () => void }) {
  const shown = useLast(asked)
  if (!shown) return null
  const { app, how } = shown
  const part = how === 'pause' ? words.pause : words.disable
  return (
    <ActionDialog
      opened={Boolean(asked)}
      onClose={onClose}
      title={part.title(app.name)}
      text={part.text}
      danger={how === 'disable'}
      label={() => part.submit}
      run={async () => {
        await switchApp(app.id, how)
        done(part.done, {
          label: t.common.undo,
          run: () => {
            switchApp(app.id, how === 'pause' ? 'resume' : 'enable').catch(failed)
          },
        })
      }}
    />
  )
}

/** Pauses, resumes, disables or enables those that are picked; each can be deleted by its own name only. */
export function SwitchApps({ asked, read, onClose }: { asked?: Asked<App, Switch>; read: Read<App>; onClose: () => void }) {
  return (
    <EachDialog
      asked={asked}
      onClose={onClose}
      read={read}
      words={(action) => words.many[action]}
      takes={switchable}
      left={(action, n) => words.many[action].left(n)}
      text={(action) => words.many[action].text}
      run={(action, { id }) => switchOne(id, action)}
      already={(e) => isProblem(e, 'app.paused') || isProblem(e, 'app.not_paused')}
      changed={async () => {
        await appsChanged()
        await queryClient.invalidateQueries({ queryKey: ['app'] })
      }}
    />
  )
}

/** Deletes an application and all that is in it, once its name has been typed. */
export function DeleteApp({ app, onClose }: { app?: App; onClose: () => void }) {
  const navigate = useNavigate()
  const shown = useLast(app)
  if (!shown) return null
  return (
    <ActionDialog
      opened={Boolean(app)}
      onClose={onClose}
      title={words.remove.title(shown.name)}
      danger
      typed={shown.name}
      label={() => words.remove.submit}
      preview={{
        key: ['app', shown.id, 'stats'],
        load: async (signal) => {
          const s = await take(api.GET('/apps/{app}/stats', { params: { path: { app: shown.id } }, signal }))
          return { changes: 1, lines: [words.remove.text(s.licenses.total, s.users.total)] }
        },
      }}
      run={async () => {
        await deleteApp(shown)
        done(words.remove.done(shown.name))
        await navigate({ to: '/apps' })
      }}
    />
  )
}
