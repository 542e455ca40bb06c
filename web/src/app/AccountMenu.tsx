import { Menu, Text, useMantineColorScheme, VisuallyHidden } from '@mantine/core'
import { IconBook2, IconLogout, IconSelector } from '@tabler/icons-react'
import { useId } from 'react'
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
  const id = useId()
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
        <Menu.Label id={id}>{t.shell.colors}</Menu.Label>
        <div role="group" aria-labelledby={id}>
          <Menu.RadioGroup
            value={colorScheme}
            onChange={(v) => {
              setColorScheme(v as 'light' | 'dark' | 'auto')
            }}
          >
            {(['auto', 'light', 'dark'] as const).map((scheme) => (
              <Menu.RadioItem key={scheme} value={scheme} closeMenuOnClick={false}>
                {{ auto: t.shell.system, light: t.shell.light, dark: t.shell.dark }[scheme]}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </div>
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
