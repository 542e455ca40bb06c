import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { shownBy } from '@/ui/list'
import { Page } from '@/ui/Page'
import { AuditLog } from './AuditLog'
import { auditQuery, list } from './data'

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(auditQuery(app, shownBy(list, params)))
}

export default function AuditPage() {
  const app = useApp()
  return (
    <Page title={t.audit.title} lead={t.audit.lead}>
      <AuditLog app={app.id} label={t.audit.title} />
    </Page>
  )
}
