import { IconWebhook } from '@tabler/icons-react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { shownBy } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { AuditLog } from './AuditLog'
import { auditQuery, list } from './data'
import { WebhookDialog } from './WebhookDialog'

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(auditQuery(app, shownBy(list, params)))
}

export default function AuditPage() {
  const app = useApp()
  const { dialog, show } = useOpened()
  return (
    <Page
      title={t.audit.title}
      lead={t.audit.lead}
      actions={
        <PageButton plain icon={IconWebhook} onClick={() => void show({ dialog: 'webhook' })}>
          {t.audit.webhook.action}
        </PageButton>
      }
    >
      <AuditLog app={app.id} label={t.audit.title} />
      <Once when={Boolean(dialog)}>
        <WebhookDialog app={app.id} opened={dialog === 'webhook'} onClose={() => void show({ dialog: undefined })} />
      </Once>
    </Page>
  )
}
