"""The offices by the names that papers and notices give them."""

SCIENCE, INDUSTRY, FINANCE = "湘潭市科学技术局", "湘潭市工业和信息化局", "湘潭市财政局"

PARTIES = {"issuer": "发榜方", "bidder": "揭榜方"}
