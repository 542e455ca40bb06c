import { Alert, Button, Group } from '@mantine/core'
import { useState } from 'react'
import type { User } from '@/api/client'
import { atMost } from '@/rules/text'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { Reason } from '@/ui/BulkDialog'
import { done, failed } from '@/ui/notify'
import { Time } from '@/ui/Time'
import { approveReset, declineReset } from './data'

const words = t.users.resetRequest

/** What a customer waits for, and what can be answered. */
export function ResetRequest({ app, user }: { app: string; user: User }) {
  const [busy, setBusy] = useState(false)
  const [declining, decline] = useState(false)
  const [reason, setReason] = useState('')
  const approve = async () => {
    setBusy(true)
    try {
      await approveReset(app, user.id)
      done(words.approved)
    } catch (e) {
      failed(e)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {user.reset_requested_at && (
        <Alert color="brass" variant="light" title={words.title}>
          {words.text} <Time at={user.reset_requested_at} />
          <Group gap="xs" mt="sm">
            <Button size="compact-sm" loading={busy} onClick={() => void approve()}>
              {words.approve}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                decline(true)
              }}
            >
              {words.decline.action}
            </Button>
          </Group>
        </Alert>
      )}
      <ActionDialog
        opened={declining}
        onClose={() => {
          decline(false)
        }}
        title={words.decline.title}
        text={words.decline.text}
        label={() => words.decline.submit}
        run={async () => {
          const fault = atMost(500)(reason)
          if (fault) throw new Error(fault)
          await declineReset(app, user.id, reason)
          setReason('')
          done(words.declined)
        }}
      >
        <Reason words={words.decline} value={reason} onChange={setReason} />
      </ActionDialog>
    </>
  )
}
