import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconColumns3, IconDownload } from '@tabler/icons-react'
import { mayDownload } from '@/api/client'
import { t } from '@/strings'
import { failed } from '../notify'
import type { Column } from './column'

/** Which columns a list shows. */
export function ColumnMenu<T>({ columns, shown, choose }: { columns: Column<T>[]; shown: Column<T>[]; choose: (ids: string[]) => void }) {
  const on = new Set(shown.map((c) => c.id))
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Tooltip label={t.list.columns}>
          <ActionIcon size="lg" aria-label={t.list.columns}>
            <IconColumns3 size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.list.columns}</Menu.Label>
        {columns
          .filter((c) => !c.always)
          .map((c) => (
            <Menu.CheckboxItem
              key={c.id}
              checked={on.has(c.id)}
              closeMenuOnClick={false}
              onChange={() => {
                choose(columns.filter((x) => (x.id === c.id ? !on.has(x.id) : on.has(x.id))).map((x) => x.id))
              }}
            >
              {c.title}
            </Menu.CheckboxItem>
          ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Begins a download, after the password where the server wants it. */
async function download(href: string) {
  try {
    if (!(await mayDownload())) return
  } catch (e) {
    failed(e)
    return
  }
  const link = document.createElement('a')
  link.href = href
  link.download = ''
  link.click()
}

/** Ways to save a list. */
export function ExportMenu({ exports }: { exports: { label: string; href: string }[] }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t.list.export}>
          <ActionIcon size="lg" aria-label={t.list.export}>
            <IconDownload size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.list.export}</Menu.Label>
        {exports.map((e) => (
          <Menu.Item
            key={e.label}
            component="a"
            href={e.href}
            download
            onClick={(event: React.MouseEvent) => {
              event.preventDefault()
              void download(e.href)
            }}
          >
            {e.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
