// Prints Docker Compose's reading of each file that is named, as JSON.
package main

import (
	"encoding/json"
	"os"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

func main() {
	answers := map[string]map[string]string{}
	for _, path := range os.Args[1:] {
		values, err := dotenv.ReadWithLookup(nil, path)
		if err != nil {
			values = nil
		}
		answers[path] = values
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
