import { Alert, Box, Button, Group, Skeleton, Stack } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useEffect, useEffectEvent, useState } from 'react'
import { t } from '@/strings'
import { focusFirst, placeErrors } from './errors'
import { Failure } from './Failure'
import classes from './FormDrawer.module.css'
import { Drawer, Modal } from './Layer'
import { useUnsaved } from './useUnsaved'

interface Props<V extends object> {
  opened: boolean
  onClose: () => void
  title: string
  form: UseFormReturnType<V>
  /** Throws what the server says; its errors are shown at their fields. */
  submit: (values: V) => Promise<void>
  label: string
  children: React.ReactNode
  /** Which field of the form a field of the server's is, where the names differ. */
  fields?: Record<string, keyof V & string>
  /** What it is filled in from, where that has to be read first: without it there is nothing to fill in. */
  reading?: { data: unknown; error: unknown; refetch: () => unknown }
  /** Small forms are dialogs, larger ones drawers. */
  small?: boolean
}

/** A form in a drawer or dialog: checked while it is filled in, and again by the server. */
export function FormDrawer<V extends object>({ opened, onClose, title, form, submit, label, children, fields, reading, small }: Props<V>) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const here = !reading || reading.data !== undefined
  const { free, leave, question } = useUnsaved(opened && form.isDirty())
  // What is in it when it opens nobody has typed; useFilled says so of what comes later.
  const begin = useEffectEvent(() => {
    free(false)
    form.resetDirty()
  })
  useEffect(() => {
    if (opened) begin()
  }, [opened])

  const close = () => {
    leave(() => {
      setError('')
      onClose()
    })
  }
  const send = async (values: V) => {
    setBusy(true)
    setError('')
    free(true)
    try {
      await submit(values)
    } catch (e) {
      free(false)
      setError(placeErrors(e, form, fields))
    } finally {
      setBusy(false)
    }
  }
  const body = (
    <form onSubmit={form.onSubmit((values) => void send(values), focusFirst)} noValidate className={small ? undefined : classes.form}>
      <Box className={small ? undefined : classes.fields}>
        <Stack gap="md">
          {here ? children : reading.error ? <Failure error={reading.error} retry={() => void reading.refetch()} /> : <Skeleton height={240} />}
        </Stack>
      </Box>
      <Box className={small ? undefined : classes.foot} mt={small ? 'lg' : undefined}>
        {error && (
          <Alert color="red" role="alert" mb="sm">
            {error}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={busy} disabled={!here}>
            {label}
          </Button>
        </Group>
      </Box>
    </form>
  )
  if (small) {
    return (
      <>
        <Modal opened={opened} onClose={close} title={title}>
          {opened && body}
        </Modal>
        {question}
      </>
    )
  }
  return (
    <>
      <Drawer opened={opened} onClose={close} title={title} classNames={{ content: classes.content, body: classes.body, header: classes.head }}>
        {opened && body}
      </Drawer>
      {question}
    </>
  )
}
