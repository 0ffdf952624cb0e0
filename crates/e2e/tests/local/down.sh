# Ends the services, and waits until they have let go of their ports.
for pid in "$STAND_IN"/pid-*; do
    [ -e "$pid" ] || continue
    kill "$(cat "$pid")"
    # If a test has stopped it.
    kill -CONT "$(cat "$pid")"
done
for pid in "$STAND_IN"/pid-*; do
    # One that has ended may not be buried yet.
    while [ -e "$pid" ] && grep -qs '^State:.[RSD]' "/proc/$(cat "$pid")/status"; do
        sleep 0.05
    done
    rm -f "$pid"
done
