import { Menu, SegmentedControl, Text, useMantineColorScheme, VisuallyHidden } from '@mantine/core'
import { IconBook2, IconLogout, IconSelector } from '@tabler/icons-react'
import { apiRoot } from '@/api/client'
import { t } from '@/strings'
import classes from './AccountMenu.module.css'
import { useAccount } from './session'
import { useSignOut } from './signOut'
import button from './SidebarButton.module.css'

/** Who is signed in, and what concerns them alone. */
export function AccountMenu() {
  const account = useAccount()
  const signOut = useSignOut()
  const { colorScheme, setColorScheme } = useMantineColorScheme()

  return (
    <Menu position="top-start" width={236}>
      <Menu.Target>
        <button type="button" className={button.button}>
          <VisuallyHidden>{`${t.shell.account}: `}</VisuallyHidden>
          <span className={classes.mark} aria-hidden>
            {account?.email[0]?.toUpperCase()}
          </span>
          <Text size="sm" truncate flex={1}>
            {account?.email}
          </Text>
          <IconSelector size={15} aria-hidden className={button.arrows} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.shell.colors}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          mx={4}
          mb={6}
          aria-label={t.shell.colors}
          value={colorScheme}
          onChange={(v) => {
            setColorScheme(v as 'light' | 'dark' | 'auto')
          }}
          data={[
            { value: 'auto', label: t.shell.system },
            { value: 'light', label: t.shell.light },
            { value: 'dark', label: t.shell.dark },
          ]}
        />
        <Menu.Divider />
        <Menu.Item component="a" href={`${apiRoot}/docs`} leftSection={<IconBook2 size={16} />}>
          {t.shell.documentation}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t.shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
