# Completion of dropline in fish. In ~/.config/fish/config.fish: dropline completion fish | source
function __dropline_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l found (dropline __complete fish $before[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c dropline -f -a '(__dropline_complete)'
