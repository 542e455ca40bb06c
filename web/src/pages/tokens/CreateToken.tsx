import { SegmentedControl, Select } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { createToken, holdersQuery } from './data'

const words = t.tokens.create

/** Makes a token for a user or a license. */
export function CreateToken({ app, opened, onClose }: { app: string; opened: boolean; onClose: () => void }) {
  const [search, setSearch] = useState('')
  const [asked] = useDebouncedValue(search.trim(), 200)
  const form = useForm({
    initialValues: { of: 'user' as 'user' | 'license', user_id: '', license_id: '' },
    validate: {
      user_id: (v, all) => (all.of === 'user' && !v ? words.needed : null),
      license_id: (v, all) => (all.of === 'license' && !v ? words.needed : null),
    },
  })
  const { of } = form.values
  const { data = [] } = useQuery({ ...holdersQuery(app, of, asked), enabled: opened })
  const field = of === 'user' ? 'user_id' : 'license_id'
  const close = () => {
    form.reset()
    setSearch('')
    onClose()
  }
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={close}
      title={words.title}
      form={form}
      label={words.submit}
      submit={async (v) => {
        await createToken(app, of === 'user' ? { user_id: v.user_id } : { license_id: v.license_id })
        done(words.done)
        close()
      }}
    >
      <SegmentedControl
        aria-label={words.whose}
        data={[
          { value: 'user', label: words.user },
          { value: 'license', label: words.license },
        ]}
        value={of}
        onChange={(v) => {
          setSearch('')
          form.setValues({ of: v as typeof of, user_id: '', license_id: '' })
        }}
      />
      <Select
        key={field}
        label={of === 'user' ? words.pickUser : words.pickLicense}
        placeholder={words.search}
        data={data}
        searchable
        searchValue={search}
        onSearchChange={setSearch}
        filter={({ options }) => options}
        nothingFoundMessage={words.nothing}
        {...form.getInputProps(field)}
        value={form.values[field] || null}
        onChange={(v) => {
          form.setFieldValue(field, v ?? '')
        }}
      />
    </FormDrawer>
  )
}
