import { Alert, Box, Button, Drawer, Group, Modal, Stack } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useState } from 'react'
import { t } from '@/strings'
import { focusFirst, placeErrors } from './errors'
import classes from './FormDrawer.module.css'

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
  /** Small forms are dialogs, larger ones drawers. */
  small?: boolean
}

/** A form in a drawer or dialog: checked while it is filled in, and again by the server. */
export function FormDrawer<V extends object>({ opened, onClose, title, form, submit, label, children, fields, small }: Props<V>) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')

  const close = () => {
    setError('')
    onClose()
  }
  const send = async (values: V) => {
    setBusy(true)
    setError('')
    try {
      await submit(values)
    } catch (e) {
      setError(placeErrors(e, form, fields))
    } finally {
      setBusy(false)
    }
  }
  const body = (
    <form onSubmit={form.onSubmit((values) => void send(values), focusFirst)} noValidate className={small ? undefined : classes.form}>
      <Box className={small ? undefined : classes.fields}>
        <Stack gap="md">{children}</Stack>
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
          <Button type="submit" loading={busy}>
            {label}
          </Button>
        </Group>
      </Box>
    </form>
  )
  if (small) {
    return (
      <Modal opened={opened} onClose={close} title={title}>
        {opened && body}
      </Modal>
    )
  }
  return (
    <Drawer opened={opened} onClose={close} title={title} classNames={{ content: classes.content, body: classes.body, header: classes.head }}>
      {opened && body}
    </Drawer>
  )
}
