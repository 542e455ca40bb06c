import { Combobox, useCombobox, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconApps, IconCheck, IconPlus, IconSelector } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/strings'
import { AppMark } from './AppMark'
import { appsQuery, useNavigatedApp } from './apps'
import classes from './AppSwitcher.module.css'
import { appPath } from './pages'
import button from './SidebarButton.module.css'

const most = 100 // shown at once; typing finds the others

/** Says which application the pages are about, and changes it. */
export function AppSwitcher() {
  const { data: apps = [] } = useQuery(appsQuery)
  const here = useNavigatedApp()
  const navigate = useNavigate()
  const [search, setSearch] = useState('')
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      setSearch('')
    },
    onDropdownOpen: () => {
      combobox.focusSearchInput()
    },
  })
  const current = apps.find((a) => a.id === here)
  const found = apps.filter((a) => a.name.toLowerCase().includes(search.trim().toLowerCase())).slice(0, most)

  const choose = (value: string) => {
    combobox.closeDropdown()
    void navigate(value === 'all' ? { to: '/apps' } : value === 'new' ? { to: '/apps', search: { new: '1' } as never } : { to: appPath(value) })
  }
  return (
    <Combobox store={combobox} onOptionSubmit={choose} width={280} position="bottom-start" radius="lg" shadow="md" withinPortal={false} floatingStrategy="fixed">
      <Combobox.Target targetType="button" withAriaAttributes>
        <button
          type="button"
          className={button.button}
          onClick={() => {
            combobox.toggleDropdown()
          }}
        >
          <VisuallyHidden>{`${t.shell.switcher.label}: `}</VisuallyHidden>
          {current && <AppMark name={current.name} />}
          <span className={classes.name}>{current?.name ?? t.shell.switcher.none}</span>
          <IconSelector size={16} aria-hidden className={button.arrows} />
        </button>
      </Combobox.Target>
      <Combobox.Dropdown>
        {apps.length > 7 && (
          <Combobox.Search
            value={search}
            onChange={(e) => {
              setSearch(e.currentTarget.value)
            }}
            placeholder={t.shell.switcher.search}
            aria-label={t.shell.switcher.search}
            role="combobox"
            aria-expanded
          />
        )}
        {/* The list itself scrolls, as the one that its search leads through by keyboard. */}
        <Combobox.Options aria-label={t.shell.switcher.label} className={classes.list}>
          {found.map((a) => (
            <Combobox.Option key={a.id} value={a.id} className={classes.option} selected={a.id === current?.id}>
              <AppMark name={a.name} />
              <span className={classes.name}>{a.name}</span>
              {a.id === current?.id && <IconCheck size={15} aria-hidden />}
            </Combobox.Option>
          ))}
          {found.length === 0 && search && <Combobox.Empty>{t.shell.nothing}</Combobox.Empty>}
          <div className={classes.foot}>
            <Combobox.Option value="all" className={classes.option}>
              <IconApps size={17} stroke={1.7} aria-hidden />
              {t.shell.switcher.all}
            </Combobox.Option>
            <Combobox.Option value="new" className={classes.option}>
              <IconPlus size={17} stroke={1.7} aria-hidden />
              {t.shell.switcher.create}
            </Combobox.Option>
          </div>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
