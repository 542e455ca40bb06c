import { AccessPage } from './AccessPage'

export default function WhitelistPage() {
  return <AccessPage which="whitelists" />
}
