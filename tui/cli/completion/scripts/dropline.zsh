#compdef dropline
# Completion of dropline in zsh. In ~/.zshrc, after compinit: eval "$(dropline completion zsh)"
_dropline() {
    local line value
    local -a open shown_open whole shown_whole
    while IFS= read -r line; do
        value="${line%%$'\t'*}"
        if [[ "$value" == *[:=\<\>~,] ]]; then
            open+=("$value") shown_open+=("${line/$'\t'/  }")
        else
            whole+=("$value") shown_whole+=("${line/$'\t'/  }")
        fi
    done < <(dropline __complete zsh "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    if (( ! $#open && ! $#whole )); then
        _files
        return
    fi
    (( $#open )) && compadd -l -S '' -d shown_open -a open
    (( $#whole )) && compadd -l -d shown_whole -a whole
}
if [[ "${funcstack[1]}" == "_dropline" ]]; then
    _dropline "$@"
else
    compdef _dropline dropline
fi
