import { IconBan, IconCalendarPlus, IconCopy, IconInfoCircle, IconRestore } from '@tabler/icons-react'
import type { License } from '@/api/client'
import { t } from '@/strings'
import { copyText } from '@/ui/clipboard'
import { DeleteItem, RowItem } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import type { Action } from './data'

/** What can be done with one license. */
export function LicenseMenu({ license, open, ask }: { license: License; open: () => void; ask: (action: Action) => void }) {
  const words = t.licenses.bulk
  return (
    <>
      <RowItem icon={IconInfoCircle} onClick={open}>
        {t.common.details}
      </RowItem>
      <RowItem
        icon={IconCopy}
        onClick={() => {
          copyText(license.key).then(() => {
            done(t.common.copied)
          }, failed)
        }}
      >
        {t.licenses.details.copyKey}
      </RowItem>
      {license.status === 'not_used' && (
        <RowItem icon={IconCalendarPlus} onClick={() => { ask('extend') }}>
          {words.extend}
        </RowItem>
      )}
      {license.status === 'banned' ? (
        <RowItem icon={IconRestore} onClick={() => { ask('unban') }}>
          {words.unban}
        </RowItem>
      ) : (
        <RowItem icon={IconBan} onClick={() => { ask('ban') }}>
          {words.ban}
        </RowItem>
      )}
      <DeleteItem onClick={() => { ask('delete') }}>{words.delete}</DeleteItem>
    </>
  )
}
