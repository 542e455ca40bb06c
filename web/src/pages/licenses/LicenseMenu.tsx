import { Menu } from '@mantine/core'
import { IconBan, IconCalendarPlus, IconCopy, IconInfoCircle, IconRestore, IconTrash } from '@tabler/icons-react'
import type { License } from '@/api/client'
import { t } from '@/strings'
import { copyText } from '@/ui/clipboard'
import { done, failed } from '@/ui/notify'
import type { Action } from './data'

/** What can be done with one license. */
export function LicenseMenu({ license, open, ask }: { license: License; open: () => void; ask: (action: Action) => void }) {
  const words = t.licenses.bulk
  return (
    <>
      <Menu.Item leftSection={<IconInfoCircle size={16} />} onClick={open}>
        {t.common.details}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconCopy size={16} />}
        onClick={() => {
          copyText(license.key).then(() => {
            done(t.common.copied)
          }, failed)
        }}
      >
        {t.licenses.details.copyKey}
      </Menu.Item>
      {license.status === 'not_used' && (
        <Menu.Item
          leftSection={<IconCalendarPlus size={16} />}
          onClick={() => {
            ask('extend')
          }}
        >
          {words.extend}
        </Menu.Item>
      )}
      {license.status === 'banned' ? (
        <Menu.Item
          leftSection={<IconRestore size={16} />}
          onClick={() => {
            ask('unban')
          }}
        >
          {words.unban}
        </Menu.Item>
      ) : (
        <Menu.Item
          leftSection={<IconBan size={16} />}
          onClick={() => {
            ask('ban')
          }}
        >
          {words.ban}
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={16} />}
        onClick={() => {
          ask('delete')
        }}
      >
        {words.delete}
      </Menu.Item>
    </>
  )
}
