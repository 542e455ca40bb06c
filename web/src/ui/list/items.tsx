import { Menu } from '@mantine/core'
import { type Icon, IconPencil, IconTrash } from '@tabler/icons-react'
import { t } from '@/strings'

interface Props {
  icon: Icon
  onClick: () => void
  red?: boolean
  children: React.ReactNode
}

/** What can be done with a row, in its menu. */
export function RowItem({ icon: Symbol, onClick, red, children }: Props) {
  return (
    <Menu.Item className={red ? 'lk-danger' : undefined} leftSection={<Symbol size={16} />} onClick={onClick}>
      {children}
    </Menu.Item>
  )
}

export function EditItem({ onClick, children = t.common.edit }: { onClick: () => void; children?: React.ReactNode }) {
  return (
    <RowItem icon={IconPencil} onClick={onClick}>
      {children}
    </RowItem>
  )
}

/** Stands last, and apart from what does no harm. */
export function DeleteItem({ icon = IconTrash, onClick, children = t.common.delete }: { icon?: Icon; onClick: () => void; children?: React.ReactNode }) {
  return (
    <>
      <Menu.Divider />
      <RowItem red icon={icon} onClick={onClick}>
        {children}
      </RowItem>
    </>
  )
}
