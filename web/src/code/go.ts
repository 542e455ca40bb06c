import { type Language, quoted } from './values'

export const go: Language = {
  id: 'go',
  name: 'Go',
  needs: 'go get github.com/latchkey-dev/latchkey/sdk/go',
  code: ({ url, app, license }) => `package main

import (
	"context"
	"fmt"
	"log"

	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

func main() {
	client, err := latchkey.New(latchkey.Config{
		BaseURL:    ${quoted(url)},
		AppID:      ${quoted(app.id)},
		PublicKeys: []string{${quoted(app.clientKey)}},
		Version:    ${quoted(app.version)},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Every answer is proved with the public key before it is believed.
	user, err := client.License(context.Background(), ${quoted(license)})
	if err != nil {
		log.Fatal("not licensed: ", err)
	}
	fmt.Println("Hello,", user.Username)
}
`,
}
